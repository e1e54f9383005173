/** Shares as horizontal bars, each with its name and its value. */

import { element, withShare } from "./elements.js";
import { percent } from "./numbers.js";

/**
 * A list of bars.
 * @param {Array<{name: string, share: number, marked?: boolean, chosen?: function(): void}>} rows a row with
 *   `chosen` is a button
 */
export function bars(rows) {
  return element("ol.bars", {}, ...rows.map(bar));
}

function bar({ name, share, marked, chosen }) {
  const parts = [
    element("span.bar-name", { dir: "auto" }, name),
    withShare(element("span.bar", { "aria-hidden": "true" }), share ?? 0),
    element("span.bar-value", {}, percent(share)),
  ];
  const row = chosen ? element("button.bar-row", { type: "button", click: chosen }, ...parts)
    : element("span.bar-row", {}, ...parts);
  return element(marked ? "li.marked" : "li", {}, row);
}
