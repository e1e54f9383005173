/** A button that copies a text to the clipboard. */

import { element } from "./elements.js";

/**
 * @param {function(): string} text
 * @param {object} t messages
 */
export function copyButton(text, t) {
  const button = element("button.quiet", { type: "button", click: async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = t.copied;
      setTimeout(() => { button.textContent = t.copy; }, 1500);
    } catch {
      // Without a secure origin browsers have no clipboard; the text can be selected.
    }
  } }, t.copy);
  return button;
}
