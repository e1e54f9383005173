/** DOM elements. All that comes from a user or a server is set as text or as an attribute, never as HTML. */

/**
 * Makes an element.
 * @param {string} name of the element, with classes after dots: "p.note"
 * @param {object} properties attributes; functions are event listeners, `true` is an empty attribute, and
 *   null, undefined and false leave the attribute out
 * @param {...(Node|string|null)} children nodes, texts, or null for none
 */
export function element(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, String(value));
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Sets a custom property that the style sheet reads, such as the length of a bar. */
export function withShare(made, share) {
  made.style.setProperty("--share", String(Math.min(1, Math.max(0, share))));
  return made;
}

/** Replaces the children of a node at once, so that nothing flickers. */
export function fill(node, ...children) {
  node.replaceChildren(...children.filter((child) => child !== null));
}
