/** Translations: the best one with its alignment, the alternatives, and options of the search. */

import { alignedTokens } from "../aligned_tokens.js";
import { attentionLines } from "../attention_lines.js";
import { copyButton } from "../copy_button.js";
import { element, fill } from "../elements.js";
import { heatMap } from "../heat_map.js";
import { fixed } from "../numbers.js";
import { Options, TRANSLATION_OPTIONS } from "../options.js";
import { Pictures } from "../pictures.js";

const SIGNATURE = "translate_with_options";

export class TranslationView {
  static task = "translation";

  /** @param {object} context of the panel, see panel.js */
  constructor(context) {
    this.context = context;
    this.t = context.t;
    const kinds = TRANSLATION_OPTIONS.filter((kind) => context.offers(SIGNATURE, kind.name));
    this.options = kinds.length ? new Options(kinds, context.options, this.t, context.changed) : null;
    this.answer = element("p.answer", { dir: "auto", "aria-live": "polite" });
    this.notes = element("p.notes");
    this.alternatives = element("section.card", { hidden: true });
    this.alignment = element("section.card", { hidden: true });
    this.heatMaps = new Pictures(this.t.heatMap, this.t.heatMapHint);
    this.lines = new Pictures(this.t.lines, this.t.linesHint);
    this.translation = "";
    this.element = element("div.view", {},
      element("section.card.main-card", {}, element("h3", {}, this.t.translation), this.answer,
        element("div.row", {}, this.notes, copyButton(() => this.translation, this.t))),
      this.options?.element ?? null, this.alternatives, this.alignment,
      element("div.side-by-side", {}, this.heatMaps.element, this.lines.element));
  }

  async ask(text, signal) {
    const options = this.options?.chosen() ?? {};
    const plain = Object.keys(options).length === 0;
    const aligned = plain && this.context.offers("explain");
    const first = (aligned ? this.context.ask("align", { text }, signal)
      : this.context.ask("translate", { text, options }, signal)).then((found) => this.show(found, plain));
    const others = plain && this.context.offers("alternatives")
      ? this.context.ask("alternatives", { text }, signal).then((found) => this.showAlternatives(found))
      : this.showAlternatives([]);
    await Promise.all([first, others]);
  }

  clear() {
    this.translation = "";
    fill(this.answer);
    fill(this.notes);
    this.showAlternatives([]);
    this.showSentences([]);
  }

  show(found, plain) {
    this.translation = found.translation;
    fill(this.answer, found.translation);
    const hidden = !plain && (this.context.offers("explain") || this.context.offers("alternatives"));
    fill(this.notes,
      element("span", { title: this.t.scoreHint }, this.t.score(fixed(found.score, 3))),
      Number.isFinite(found.confidence) ? element("span", { title: this.t.confidenceHint },
        this.t.confidence(fixed(100 * found.confidence, 0))) : null,
      found.truncated ? element("span.warning", {}, this.t.truncated) : null,
      hidden ? element("span", {}, this.t.withoutOptions) : null);
    this.showSentences(found.sentences ?? []);
  }

  showAlternatives(found) {
    this.alternatives.hidden = found.length < 2;
    const items = found.map((one) => element("li", {}, element("span", { dir: "auto" }, one.translation),
      element("span.value", {}, fixed(one.score, 3))));
    fill(this.alternatives, element("h3", {}, this.t.alternatives), element("ol.alternatives", {}, ...items));
  }

  showSentences(sentences) {
    const shown = sentences.filter(({ source, target }) => source.length && target.length);
    this.alignment.hidden = !shown.length;
    const several = shown.length > 1;
    const named = (title, place) => (several ? `${title}, ${this.t.sentence(place + 1)}` : title);
    fill(this.alignment, element("h3", {}, this.t.alignment), element("p.hint", {}, this.t.alignmentHint),
      ...shown.map((one, place) => element("div.sentence", {},
        several ? element("h4", {}, this.t.sentence(place + 1)) : null, alignedTokens(one, this.t))));
    this.heatMaps.show(shown.map((one, place) =>
      () => heatMap(one.source, one.target, one.weights, named(this.t.heatMap, place))));
    this.lines.show(shown.map((one, place) => () => attentionLines(one, named(this.t.lines, place))));
  }
}
