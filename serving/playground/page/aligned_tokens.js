/** The tokens of a sentence and of its translation, which light each other up. */

import { element } from "./elements.js";
import { beginsWord, chipText, END } from "./tokens.js";
import { percent } from "./numbers.js";
import { rove } from "./roving.js";

const LEVELS = [0.05, 0.2, 0.5]; // least weights of the shades lit-1, lit-2 and lit-3
const NAMED = 3; // tokens in the description for screen readers

/**
 * Two rows of tokens. One token of each row is a tab stop; the arrow keys move along the row.
 * @param {{source: string[], target: string[], weights: number[][]}} sentence
 * @param {object} t messages
 */
export function alignedTokens({ source, target, weights }, t) {
  const across = weights.length ? weights[0].map((_, column) => weights.map((row) => row[column])) : [];
  const rows = {
    source: chips(source, (place) => described(source[place], across[place] ?? [], target, t)),
    target: chips(target, (place) => described(target[place], weights[place], source, t)),
  };
  const light = (row, place) => {
    const linked = row === "target" ? weights[place] : across[place];
    show(rows[row], (other) => (other === place ? "chosen" : ""));
    show(rows[row === "target" ? "source" : "target"], (other) => shade(linked?.[other] ?? 0));
  };
  const dark = () => Object.values(rows).forEach((row) => show(row, () => ""));
  for (const name of ["source", "target"]) listen(rows[name], (place) => light(name, place), dark);
  return element("div.aligned", {},
    line(t.source, "source", rows.source), line(t.target, "target", rows.target));
}

function line(title, name, row) {
  return element("div.tokens", { role: "group", "aria-label": title, "data-row": name },
    element("span.tokens-title", { "aria-hidden": "true" }, title), ...row);
}

function chips(tokens, describe) {
  return tokens.map((token, place) => {
    const classes = [beginsWord(token) ? ".begins-word" : "", token === END ? ".end" : ""].join("");
    return element(`span.token${classes}`, {
      role: "img", "aria-label": describe(place), dir: "auto",
    }, chipText(token));
  });
}

function described(token, weights, others, t) {
  const strongest = weights.map((weight, place) => ({ weight, place }))
    .filter(({ weight }) => weight >= LEVELS[1])
    .sort((first, second) => second.weight - first.weight)
    .slice(0, NAMED)
    .map(({ weight, place }) => `${chipText(others[place])} ${percent(weight)}`);
  return t.aligned(chipText(token), strongest.join(", "));
}

function shade(weight) {
  const level = LEVELS.filter((least) => weight >= least).length;
  return level ? `lit-${level}` : "";
}

function show(row, nameOf) {
  row.forEach((chip, place) => {
    chip.classList.remove("chosen", "lit-1", "lit-2", "lit-3");
    const name = nameOf(place);
    if (name) chip.classList.add(name);
  });
}

function listen(row, light, dark) {
  rove(row);
  row.forEach((chip, place) => {
    chip.addEventListener("mouseenter", () => light(place));
    chip.addEventListener("mouseleave", dark);
    chip.addEventListener("focus", () => light(place));
    chip.addEventListener("blur", dark);
  });
}
