/** Tokens of a SentencePiece vocabulary, as they are shown. */

const SPACE = "▁";
export const END = "</s>";

/** The token as text: the sign for a space becomes a space. */
export function tokenText(token) {
  return token.replaceAll(SPACE, " ");
}

/** What stands on a chip: the token without the space before it; a space alone stays visible. */
export function chipText(token) {
  const text = token.startsWith(SPACE) ? token.slice(1) : token;
  return text ? tokenText(text) : "␣";
}

/** Whether a word begins with this token. */
export function beginsWord(token) {
  return token.startsWith(SPACE);
}
