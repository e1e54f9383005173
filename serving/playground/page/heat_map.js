/** A table of weights from 0 to 1, each cell in the shade of its weight. */

import { element, withShare } from "./elements.js";
import { chipText } from "./tokens.js";

const MOST = 80; // rows and columns

/**
 * The attention of one sentence.
 * @param {string[]} source tokens, one per column
 * @param {string[]} target tokens, one per row
 * @param {number[][]} weights a row per target token
 * @param {string} name of the table for screen readers
 */
export function heatMap(source, target, weights, name) {
  const columns = source.slice(0, MOST);
  const head = element("tr", {}, element("td"), ...columns.map((token) =>
    element("th", { scope: "col" }, element("span", {}, chipText(token)))));
  const rows = target.slice(0, MOST).map((token, row) => element("tr", {},
    element("th", { scope: "row" }, element("span", {}, chipText(token))),
    ...columns.map((other, column) => cell(weights[row][column], chipText(token), chipText(other)))));
  const table = element("table.heat-map", {}, element("caption.hidden", {}, name),
    element("thead", {}, head), element("tbody", {}, ...rows));
  return element("div.scroll", { tabindex: "0", role: "region", "aria-label": name }, table);
}

function cell(weight, target, source) {
  const shown = (weight ?? 0).toFixed(2);
  const made = element("td", { title: `${target} → ${source}: ${shown}` }, element("span.hidden", {}, shown));
  return withShare(made, weight ?? 0);
}
