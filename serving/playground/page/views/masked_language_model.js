/** Texts with marks: the filled text, and the likeliest tokens for each mark. */

import { bars } from "../bars.js";
import { copyButton } from "../copy_button.js";
import { element, fill } from "../elements.js";
import { tokenText } from "../tokens.js";

const MARK = "[MASK]";

export class MaskedLanguageModelView {
  static task = "masked-language-modelling";

  /** @param {object} context of the panel, see panel.js */
  constructor(context) {
    this.context = context;
    this.t = context.t;
    this.answer = element("p.answer", { dir: "auto", "aria-live": "polite" });
    this.notes = element("p.notes");
    this.marks = element("div.view");
    this.filled = "";
    const insert = element("button", { type: "button", click: () => context.insert(MARK) }, this.t.insertMask);
    this.element = element("div.view", {},
      element("section.card.main-card", {}, element("h3", {}, this.t.filled), this.answer,
        element("p.hint", {}, this.t.maskHint),
        element("div.row", {}, this.notes, insert, copyButton(() => this.filled, this.t))),
      this.marks);
  }

  async ask(text, signal) {
    const found = await this.context.ask("fill", { text }, signal);
    this.filled = found.filled;
    fill(this.answer, ...highlighted(text, found.filled));
    fill(this.notes, found.marks.length ? null : element("span", {}, this.t.noMark),
      found.truncated ? element("span.warning", {}, this.t.truncated) : null);
    fill(this.marks, ...found.marks.map((mark, place) => element("section.card", {},
      element("h3", {}, this.t.mark(place + 1)),
      bars(mark.map(({ token, probability }) => ({ name: tokenText(token).trim(), share: probability }))))));
  }

  clear() {
    fill(this.answer);
    fill(this.notes);
    fill(this.marks);
  }
}

/** The filled text with what was filled in marked; where the model changed the rest, without marks. */
function highlighted(text, filled) {
  const nodes = [];
  let last = 0;
  for (const [place, part] of text.split(MARK).map((one) => one.trim()).entries()) {
    const found = filled.indexOf(part, last);
    if (found < 0) return [filled];
    if (place) nodes.push(element("mark", {}, filled.slice(last, found)));
    nodes.push(filled.slice(found, found + part.length));
    last = found + part.length;
  }
  return [...nodes, last < filled.length ? element("mark", {}, filled.slice(last)) : ""];
}
