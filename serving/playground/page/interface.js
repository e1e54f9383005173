/** The JSON interface of the playground's own server. */

/** An error with a kind, for which the page has a sentence, and the message of the server. */
export class AskError extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** The address of the model server, and name, state and versions of each model. */
export function states() {
  return reply("api/models", {});
}

/** The task and the signatures of a model; version 0 is the newest. */
export function signatures(model, version, signal) {
  return reply(`${path(model)}${version ? `?version=${version}` : ""}`, { signal });
}

/**
 * Asks a model.
 * @param {string} model its name
 * @param {string} kind of the question, such as "translate"
 * @param {object} body
 * @param {AbortSignal} signal ends the request
 */
export function ask(model, kind, body, signal) {
  return reply(`${path(model)}/${kind}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}

function path(model) {
  return `api/models/${encodeURIComponent(model)}`;
}

async function reply(place, options) {
  let answer;
  try {
    answer = await fetch(place, { ...options, credentials: "omit", cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new AskError("playground", "");
  }
  let content;
  try {
    content = await answer.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new AskError("fault", `HTTP ${answer.status}`);
  }
  options.signal?.throwIfAborted();
  if (!answer.ok) throw new AskError(content.error?.kind ?? "fault", content.error?.message ?? "");
  return content;
}
