/** The text and the choice of models in the fragment of the URL, which browsers do not send to any server. */

const LONGEST = 6000; // letters of a text; longer URLs do not survive every messenger

/** What the fragment says: {text, panels: [{model, version, options}]}. */
export function readFragment() {
  const values = new URLSearchParams(location.hash.slice(1));
  const panels = ["", "2"].filter((number) => values.get(`model${number}`)).map((number) => ({
    model: values.get(`model${number}`),
    version: Number.parseInt(values.get(`version${number}`) ?? "0", 10) || 0,
    options: options(values.get(`options${number}`)),
  }));
  return { text: values.get("text"), panels };
}

/** The URL of this page with text and panels in its fragment; null if the text is too long. */
export function link(text, panels) {
  if (text.length > LONGEST) return null;
  const values = new URLSearchParams({ text });
  panels.forEach((panel, place) => {
    const number = place ? "2" : "";
    values.set(`model${number}`, panel.model);
    if (panel.version) values.set(`version${number}`, String(panel.version));
    if (Object.keys(panel.options).length) values.set(`options${number}`, JSON.stringify(panel.options));
  });
  return `${location.origin}${location.pathname}#${values}`;
}

function options(written) {
  try {
    const read = JSON.parse(written ?? "{}");
    const plain = ([, value]) => ["number", "string", "boolean"].includes(typeof value);
    return read && typeof read === "object" ? Object.fromEntries(Object.entries(read).filter(plain)) : {};
  } catch {
    return {};
  }
}
