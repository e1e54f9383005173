/** Labels: probabilities as bars, a threshold, and the words in the colour of what they contribute. */

import { bars } from "../bars.js";
import { element, fill, withShare } from "../elements.js";
import { fixed, percent, signed } from "../numbers.js";

const MOST = 50; // labels
const LEAST = 0.005; // contribution that two decimals can show

export class ClassificationView {
  static task = "classification";

  /** @param {object} context of the panel, see panel.js */
  constructor(context) {
    this.context = context;
    this.t = context.t;
    this.classes = [];
    this.answer = element("p.answer", { dir: "auto", "aria-live": "polite" });
    this.notes = element("p.notes");
    this.bars = element("section.card", { hidden: true });
    this.words = element("section.card", { hidden: true });
    this.element = element("div.view", {},
      element("section.card.main-card", {}, element("h3", {}, this.t.views.classification),
        this.answer, this.notes), this.bars, this.words);
    this.list = element("div");
    this.reaching = element("p.notes", { "aria-live": "polite" });
    fill(this.bars, element("h3", {}, this.t.probabilities), this.threshold(), this.list, this.reaching);
  }

  async ask(text, signal) {
    const explained = this.context.offers("explain");
    const first = this.context.ask(explained ? "reasons" : "classify", { text }, signal)
      .then((found) => this.show(found));
    const others = this.context.offers("probabilities")
      ? this.context.ask("probabilities", { text }, signal).then((found) => this.showClasses(found.classes))
      : null;
    await Promise.all([first, others]);
  }

  clear() {
    fill(this.answer);
    fill(this.notes);
    this.showClasses([]);
    this.words.hidden = true;
  }

  show(found) {
    this.probability = found.probability;
    fill(this.answer, found.label || this.t.noLabel);
    fill(this.notes, element("span", {}, percent(found.probability)),
      Number.isFinite(found.typicality) ? element("span", { title: this.t.typicalityHint },
        this.t.typicality(fixed(found.typicality, 3))) : null,
      found.truncated ? element("span.warning", {}, this.t.truncated) : null);
    this.showWords(found);
  }

  threshold() {
    const shown = element("output", {}, percent(this.limit()));
    const input = element("input", {
      type: "range", min: 0, max: 1, step: 0.01, value: this.limit(), name: "threshold", autocomplete: "off",
      input: () => {
        this.context.options.threshold = Number(input.value);
        shown.textContent = percent(this.limit());
        this.showClasses(this.classes);
      },
    });
    return element("label.option.wide", {}, element("span", {}, this.t.threshold, " ", shown), input);
  }

  limit() {
    return Number(this.context.options.threshold ?? 0.5);
  }

  showClasses(classes) {
    this.classes = classes;
    this.bars.hidden = !classes.length;
    const reaches = ({ probability }) => probability >= this.limit();
    const rows = classes.slice(0, MOST).map((one) => (
      { name: one.label || this.t.noLabel, share: one.probability, marked: reaches(one) }));
    const rest = classes.length - rows.length;
    fill(this.list, bars(rows), rest > 0 ? element("p.hint", {}, this.t.more(rest)) : null);
    const names = rows.filter(({ marked }) => marked).map(({ name }) => name).join(", ");
    fill(this.reaching, names ? this.t.reaching(names) : this.t.noneReaching);
  }

  showWords({ label, parts }) {
    this.words.hidden = !parts?.some(({ weight }) => weight !== null);
    if (this.words.hidden) return;
    const most = Math.max(...parts.map(({ weight }) => Math.abs(weight ?? 0)), 1e-6);
    fill(this.words, element("h3", {}, this.t.contributions),
      element("p.hint", {}, this.t.contributionHint(label || this.t.noLabel), " ",
        element("span.word.raises.sample", {}, this.t.raises), " ",
        element("span.word.lowers.sample", {}, this.t.lowers)),
      element("p.words", { dir: "auto" }, ...parts.map((part) => word(part, most))));
  }
}

function word({ text, weight }, most) {
  if (Math.abs(weight ?? 0) < LEAST) return document.createTextNode(text);
  const side = weight < 0 ? "lowers" : "raises";
  const made = element(`span.word.${side}`, { title: signed(weight) }, text,
    element("span.hidden", {}, ` (${signed(weight)})`));
  return withShare(made, Math.abs(weight) / most);
}
