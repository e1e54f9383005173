/** The attention of a sentence as lines from target tokens to source tokens, the stronger the heavier. */

import { chipText } from "./tokens.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const LEAST = 0.05; // weights below are not drawn
const MOST = 60; // tokens on each side
const LONGEST = 14; // letters of a token
const ROW = 26; // pixels
const WIDTH = 340;
const SOURCE_END = 125;
const TARGET_BEGIN = 215;

/**
 * A picture with the source tokens on the left and the target tokens on the right.
 * @param {{source: string[], target: string[], weights: number[][]}} sentence
 * @param {string} name of the picture for screen readers
 */
export function attentionLines({ source, target, weights }, name) {
  const [left, right] = [source.slice(0, MOST), target.slice(0, MOST)];
  const height = ROW * Math.max(left.length, right.length);
  const picture = shape("svg", { viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, role: "img", "aria-label": name });
  picture.classList.add("attention-lines");
  right.forEach((_, row) => left.forEach((_, column) => {
    const weight = weights[row][column] ?? 0;
    if (weight >= LEAST) picture.append(line(column, row, weight));
  }));
  left.forEach((token, place) => picture.append(label(token, SOURCE_END - 6, place, "end")));
  right.forEach((token, place) => picture.append(label(token, TARGET_BEGIN + 6, place, "start")));
  return picture;
}

function line(column, row, weight) {
  return shape("line", {
    x1: SOURCE_END, y1: middle(column), x2: TARGET_BEGIN, y2: middle(row),
    "stroke-opacity": (0.15 + 0.85 * weight).toFixed(2), "stroke-width": (0.5 + 3.5 * weight).toFixed(1),
  });
}

function label(token, x, place, anchor) {
  const letters = [...chipText(token)];
  const made = shape("text", { x, y: middle(place), "text-anchor": anchor, "dominant-baseline": "central" });
  made.textContent = letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("")}…` : letters.join("");
  return made;
}

function middle(place) {
  return ROW * (place + 0.5);
}

function shape(name, attributes) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
