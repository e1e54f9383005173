/** Completions: each token in the shade of its surprise, and the likeliest next tokens. */

import { bars } from "../bars.js";
import { copyButton } from "../copy_button.js";
import { element, fill } from "../elements.js";
import { Latest } from "../latest.js";
import { fixed } from "../numbers.js";
import { COMPLETION_OPTIONS, Options } from "../options.js";
import { rove } from "../roving.js";
import { END, tokenText } from "../tokens.js";

const BOUNDS = [1, 3, 6]; // bits from which on the shades surprise-1 to surprise-3 begin
const RANGES = ["0–1", "1–3", "3–6", "6+"];

export class LanguageModelView {
  static task = "language-modelling";
  delay = 600; // milliseconds: a completion takes longer than a translation
  answersEmptyText = true;

  /** @param {object} context of the panel, see panel.js */
  constructor(context) {
    this.context = context;
    this.t = context.t;
    this.latestNext = new Latest();
    const kinds = COMPLETION_OPTIONS.filter((kind) => context.offers("complete", kind.name));
    this.options = kinds.length ? new Options(kinds, context.options, this.t, context.changed) : null;
    this.answer = element("p.answer.completion", { dir: "auto" });
    this.notes = element("p.notes");
    this.legend = element("p.hint", { hidden: !context.offers("score") }, this.t.surpriseHint, " ",
      ...RANGES.map((range, level) => element(`span.surprise-${level}.sample`, {}, range)));
    this.next = element("section.card", { hidden: true });
    this.completion = "";
    this.element = element("div.view", {},
      element("section.card.main-card", {}, element("h3", {}, this.t.completion), this.answer, this.legend,
        element("div.row", {}, this.notes, copyButton(() => this.completion, this.t))),
      this.options?.element ?? null, this.next);
  }

  async ask(text, signal) {
    const options = this.options?.chosen() ?? {};
    const kind = this.context.offers("score") ? "complete-and-score" : "complete";
    const first = this.context.ask(kind, { text, options }, signal).then((found) => this.show(text, found));
    await Promise.all([first, this.context.offers("next") ? this.askNext(text, signal) : null]);
  }

  clear() {
    this.latestNext.stop();
    fill(this.answer);
    fill(this.notes);
    this.next.hidden = true;
  }

  async askNext(text, signal) {
    const found = await this.context.ask("next", { text }, signal);
    this.showNext(this.t.next, this.t.nextHint, found, (token) => this.context.append(tokenText(token)));
  }

  show(prompt, found) {
    this.completion = found.completion;
    let before = prompt;
    const parts = found.parts.map((part) => {
      const made = this.token(part, before);
      before += part.text;
      return made;
    });
    fill(this.answer, element("span.prompt", {}, prompt), ...parts);
    rove(parts.filter((part) => part.matches(".piece")));
    fill(this.notes, element("span", {}, this.t.logProbability(fixed(found.log_probability))),
      found.bits_per_byte === null ? null
        : element("span", {}, this.t.bitsPerByte(fixed(found.bits_per_byte))),
      found.truncated ? element("span.warning", {}, this.t.truncated) : null);
  }

  token({ text, bits }, before) {
    if (bits === null) return element("b", {}, text);
    const level = BOUNDS.filter((bound) => bits >= bound).length;
    const shown = this.t.bits(fixed(bits, 1));
    const look = () => this.lookAt(`${this.t.nextAt(text.trim() || text)} (${shown})`, before);
    return element(`span.surprise-${level}.piece`, { title: shown, mouseenter: look, focus: look }, text);
  }

  /** Shows what the model thinks likely in the place of a token. */
  lookAt(title, before) {
    if (!this.context.offers("next")) return;
    this.latestNext.run(150, async (signal) => {
      try {
        const found = await this.context.ask("next", { text: before }, signal);
        this.showNext(title, "", found, null);
      } catch {
        // The list stays as it is; the next reply to the whole text tells what is wrong.
      }
    });
  }

  showNext(title, hint, found, choose) {
    this.next.hidden = !found.length;
    const rows = found.map(({ token, probability }) => ({
      name: token === END ? this.t.endOfText : tokenText(token).replace(/^ /, "␣").replaceAll("\n", "⏎"),
      share: probability,
      chosen: choose && token !== END ? () => choose(token) : null,
    }));
    fill(this.next, element("h3", {}, title), hint ? element("p.hint", {}, hint) : null, bars(rows));
  }
}
