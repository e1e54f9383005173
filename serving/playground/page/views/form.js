/** A form for any signature, made from its metadata. */

import { element, fill } from "../elements.js";

const TEXTS = new Set(["text", "prompt"]); // inputs that begin with the text of the page
const LONGEST = 20000; // letters of an output; attention of all layers has millions
const WHOLE = new Set(["int32", "int64"]);
const NUMBERS = new Set([...WHOLE, "float32", "float64"]);

export class FormView {
  static task = "form";
  ownInputs = true;

  /** @param {object} context of the panel, see panel.js */
  constructor(context) {
    this.context = context;
    this.t = context.t;
    this.names = Object.keys(context.signatures).filter((name) => context.signatures[name].method === "predict");
    const options = this.names.map((name) => element("option", { value: name }, name));
    this.choice = element("select", { change: () => this.draw() }, ...options);
    if (this.names.includes("serving_default")) this.choice.value = "serving_default";
    this.inputs = element("div.form-inputs");
    this.outputs = element("section.card", { hidden: true, "aria-live": "polite" });
    this.element = element("div.view", {}, this.names.length
      ? element("form.card", { submit: (event) => this.submit(event) },
        element("label.option.wide", {}, this.t.signature, this.choice), this.inputs,
        element("button", { type: "submit" }, this.t.send))
      : element("p.notes", {}, this.t.noSignatures), this.outputs);
    if (this.names.length) this.draw();
  }

  /** The form asks when it is sent, not when the text changes. */
  async ask() {}

  clear() {}

  draw() {
    const inputs = Object.entries(this.context.signatures[this.choice.value].inputs);
    this.fields = inputs.map(([name, info]) => ({ name, info, input: this.field(name, info) }));
    const possible = this.fields.every(({ input }) => input !== null);
    fill(this.inputs, ...(possible
      ? this.fields.map(({ name, info, input }) => element("label.option.wide", {},
        element("span", {}, name, " ", element("small", {}, described(info))), input))
      : [element("p.warning", {}, this.t.noForm)]));
    this.element.querySelector("button[type=submit]").disabled = !possible;
    this.outputs.hidden = true;
  }

  field(name, { dtype, shape, optional, default: value }) {
    if (shape !== null && shape.length !== 1) return null;
    const shared = { name, autocomplete: "off", required: !optional && NUMBERS.has(dtype) };
    const placeholder = optional ? `${this.t.defaultValue}${value === null ? "" : `: ${value}`}` : null;
    if (dtype === "string" && optional) return element("input", { ...shared, type: "text", placeholder });
    if (dtype === "string") {
      return element("textarea", { ...shared, rows: 3, dir: "auto" }, TEXTS.has(name) ? this.context.text() : "");
    }
    if (dtype === "bool") return element("input", { ...shared, type: "checkbox", checked: value === true });
    if (!NUMBERS.has(dtype)) return null;
    return element("input", { ...shared, type: "number", placeholder, step: WHOLE.has(dtype) ? 1 : "any" });
  }

  submit(event) {
    event.preventDefault();
    const given = this.fields.filter(({ info, input }) =>
      input.type === "checkbox" || input.value !== "" || !info.optional);
    const inputs = Object.fromEntries(given.map(({ name, info, input }) => [name, valueOf(info, input)]));
    this.context.run(async (signal) => {
      const found = await this.context.ask("predict", { signature: this.choice.value, inputs }, signal);
      this.outputs.hidden = false;
      fill(this.outputs, element("h3", {}, this.t.outputs), element("dl.outputs", {},
        ...Object.entries(found).flatMap(([name, value]) => [
          element("dt", {}, name),
          element("dd", { dir: "auto" }, shown(value)),
        ])));
    });
  }
}

function shown(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function valueOf({ dtype }, input) {
  if (input.type === "checkbox") return input.checked;
  return NUMBERS.has(dtype) ? Number(input.value) : input.value;
}

function described({ dtype, shape }) {
  return `${dtype}[${shape === null ? "…" : shape.map((size) => size ?? "?").join(", ")}]`;
}
