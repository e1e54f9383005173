/** Controls for the options of a search. */

import { element, fill } from "./elements.js";

/**
 * What the controls are: a range, a number or a text; `neutral` changes nothing; `sampling` has an effect
 * with a temperature above 0 only, `searching` with temperature 0 only.
 */
export const TRANSLATION_OPTIONS = [
  { name: "length_penalty", type: "number", min: 0, max: 5, step: 0.1, neutral: "" },
  { name: "temperature", type: "range", min: 0, max: 2, step: 0.1, neutral: 0 },
  { name: "seed", type: "number", min: 0, step: 1, neutral: 0, sampling: true },
  { name: "top_k", type: "number", min: 0, step: 1, neutral: 0, sampling: true },
  { name: "top_p", type: "range", min: 0, max: 1, step: 0.05, neutral: 1, sampling: true },
  { name: "coverage_penalty", type: "range", min: 0, max: 5, step: 0.1, neutral: 0, searching: true },
  { name: "no_repeat_ngram", type: "number", min: 0, max: 8, step: 1, neutral: 0 },
  { name: "max_length", type: "number", min: 1, step: 1, neutral: "" },
  { name: "prefix", type: "text", neutral: "" },
];

export const COMPLETION_OPTIONS = [
  { name: "temperature", type: "range", min: 0, max: 2, step: 0.1, neutral: 0 },
  { name: "seed", type: "number", min: 0, step: 1, neutral: 0, sampling: true },
  { name: "top_k", type: "number", min: 0, step: 1, neutral: 0, sampling: true },
  { name: "top_p", type: "range", min: 0, max: 1, step: 0.05, neutral: 1, sampling: true },
  { name: "repetition_penalty", type: "range", min: 1, max: 10, step: 0.5, neutral: 1 },
  { name: "max_length", type: "number", min: 1, step: 1, neutral: "" },
];

/** The controls of those options that a signature has, folded away until they are opened. */
export class Options {
  /**
   * @param {object[]} kinds as above
   * @param {object} values present values by name; kept up to date
   * @param {object} t messages
   * @param {function(): void} changed is called after each change
   */
  constructor(kinds, values, t, changed) {
    this.kinds = kinds;
    this.values = values;
    this.t = t;
    this.changed = changed;
    this.body = element("div.options");
    this.element = element("details.card", { open: Object.keys(this.chosen()).length > 0 },
      element("summary", {}, t.options), this.body);
    this.draw();
  }

  /** The options that differ from their neutral values and have an effect. */
  chosen() {
    const sampling = Number(this.values.temperature ?? 0) > 0;
    return Object.fromEntries(this.kinds
      .filter((kind) => !(kind.sampling && !sampling) && !(kind.searching && sampling))
      .map((kind) => [kind.name, this.values[kind.name] ?? kind.neutral])
      .filter(([name, value]) => value !== this.kinds.find((kind) => kind.name === name).neutral));
  }

  draw() {
    this.controls = this.kinds.map((kind) => this.control(kind));
    const reset = element("button.quiet", { type: "button", click: () => this.reset() }, this.t.reset);
    fill(this.body, ...this.controls.map((control) => control.label), reset);
    this.enable();
  }

  control(kind) {
    const value = this.values[kind.name] ?? kind.neutral;
    const shown = element("output", {}, kind.type === "range" ? String(value) : "");
    const input = element("input", {
      type: kind.type, min: kind.min, max: kind.max, step: kind.step, value, name: kind.name,
      placeholder: kind.type === "number" && kind.neutral === "" ? this.t.modelSetting : null,
      maxlength: kind.type === "text" ? 1000 : null, autocomplete: "off",
      input: () => this.read(kind, input, shown),
    });
    const title = element("span", {}, this.t.option[kind.name] ?? kind.name, " ", shown);
    return { kind, input, label: element("label.option", {}, title, input) };
  }

  read(kind, input, shown) {
    if (!input.checkValidity()) return; // the browser marks it; the last valid value counts
    const value = kind.type === "text" ? input.value : input.value === "" ? kind.neutral : Number(input.value);
    if (value === kind.neutral) delete this.values[kind.name];
    else this.values[kind.name] = value;
    shown.textContent = kind.type === "range" ? String(value) : "";
    this.enable();
    this.changed();
  }

  enable() {
    const sampling = Number(this.values.temperature ?? 0) > 0;
    for (const { kind, input } of this.controls) {
      input.disabled = Boolean((kind.sampling && !sampling) || (kind.searching && sampling));
    }
  }

  reset() {
    for (const kind of this.kinds) delete this.values[kind.name];
    this.draw();
    this.changed();
  }
}
