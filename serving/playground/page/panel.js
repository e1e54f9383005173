/** One model: the choice of it and of its version, its state, and the view of its replies. */

import { element, fill } from "./elements.js";
import { ask, signatures } from "./interface.js";
import { Latest } from "./latest.js";
import { viewsFor } from "./views/registry.js";

const DELAY = 300; // milliseconds after the last key

export class Panel {
  /**
   * @param {object} page `t` (messages), `text()`, `append(text)`, `insert(text)`, `chosen()` (called when
   *   the user chose another model or view), `failed(error)` (called after a request that failed)
   * @param {number} number 1 or 2
   * @param {{model: string, version: number, options: object, view?: string}} saved the choice to begin with
   */
  constructor(page, number, saved) {
    this.page = page;
    this.t = page.t;
    this.saved = saved;
    this.latest = new Latest();
    this.loading = new Latest();
    this.loaded = "";
    this.models = [];
    this.model = element("select", { change: () => this.choose(this.model.value, 0) });
    this.version = element("select", { change: () => this.choose(saved.model, Number(this.version.value)) });
    this.versionLabel = element("label.option", { hidden: true }, this.t.version, this.version);
    this.viewChoice = element("select", { change: () => {
      saved.view = this.viewChoice.value;
      this.draw(saved.view);
    } });
    this.viewLabel = element("label.option", { hidden: true }, this.t.view, this.viewChoice);
    this.state = element("span.state", { role: "status" });
    this.problem = element("div.problem", { role: "alert", hidden: true });
    this.body = element("div.panel-body");
    this.element = element("section.panel", { "aria-label": this.t.panel(number) },
      element("div.panel-head", {}, element("label.option", {}, this.t.model, this.model),
        this.versionLabel, this.viewLabel, this.state),
      this.problem, this.body);
  }

  /** Shows the states of the models, and loads the chosen one when it has become available. */
  update(models) {
    this.models = models;
    if (!models.some(({ name }) => name === this.saved.model) && models.length) {
      this.saved.model = models[0].name;
    }
    options(this.model, models.map(({ name }) => [name, name]), this.saved.model);
    const now = models.find(({ name }) => name === this.saved.model);
    this.model.disabled = this.version.disabled = !now;
    const versions = (now?.versions ?? []).map((one) => [String(one), String(one)]);
    options(this.version, [["0", this.t.newest], ...versions], String(this.saved.version));
    this.versionLabel.hidden = versions.length < 2 && !this.saved.version;
    this.showState(now);
    const wanted = now?.state === "available" ? JSON.stringify([now.name, this.saved.version, now.versions]) : "";
    if (wanted && wanted !== this.loaded) this.load(wanted);
    else if (wanted && this.failed) this.ask(0); // the server is back
    if (!wanted) this.failed = Boolean(this.loaded);
  }

  /** Asks the model for the present text after the delay of the view. */
  ask(delay) {
    if (!this.view) return;
    const text = this.page.text();
    if (!text.trim() && !this.view.answersEmptyText) {
      this.latest.stop();
      this.view.clear();
      this.busy(false);
      return;
    }
    this.run((signal) => this.view.ask(text, signal), delay ?? this.view.delay ?? DELAY);
  }

  /** What of this panel belongs into a link. */
  saves() {
    const { model, version, options, view } = this.saved;
    return { model, version, options, view };
  }

  /** Ends what runs. */
  stop() {
    this.latest.stop();
    this.loading.stop();
  }

  choose(model, version) {
    this.saved.model = model;
    this.saved.version = version;
    this.saved.options = {};
    this.saved.view = "";
    if (this.models.find(({ name }) => name === model)?.state !== "available") { // no reply of another model
      this.view = null;
      fill(this.body);
    }
    this.update(this.models);
    this.page.chosen();
  }

  load(wanted) {
    const { model, version } = this.saved;
    this.loading.run(0, (signal) => this.guarded(signal, async () => {
      const found = await signatures(model, version, signal);
      const same = this.view && JSON.stringify([model, version, found]) === this.shown;
      this.loaded = wanted;
      this.described = found;
      this.shown = JSON.stringify([model, version, found]);
      if (same) this.ask(0); // another version with the same signatures: what was typed into the view stays
      else this.offerViews();
    }));
  }

  offerViews() {
    const views = viewsFor(this.described.task).map((view) => [view.task, this.t.views[view.task]]);
    const chosen = views.some(([task]) => task === this.saved.view) ? this.saved.view : views[0][0];
    options(this.viewChoice, views, chosen);
    this.viewLabel.hidden = views.length < 2;
    this.draw(chosen);
  }

  draw(task) {
    this.latest.stop();
    const kind = viewsFor(this.described.task).find((view) => view.task === task);
    this.view = new kind(this.context());
    fill(this.body, this.view.element);
    this.busy(false);
    this.page.chosen();
    this.ask(0);
  }

  context() {
    const found = this.described.signatures;
    const { model, version } = this.saved;
    const asked = version ? { version } : {};
    return {
      t: this.t,
      signatures: found,
      options: this.saved.options,
      offers: (name, input) => name in found && (!input || input in found[name].inputs),
      ask: (kind, body, signal) => ask(model, kind, { ...body, ...asked }, signal),
      run: (task) => this.run(task, 0),
      text: () => this.page.text(),
      changed: () => this.ask(),
      append: (text) => this.page.append(text),
      insert: (text) => this.page.insert(text),
    };
  }

  run(task, delay) {
    this.latest.run(delay, (signal) => this.guarded(signal, async () => {
      this.busy(true);
      await task(signal);
      this.failed = false;
      this.showProblem(null);
      this.busy(false);
    }));
  }

  async guarded(signal, task) {
    try {
      await task();
    } catch (error) {
      if (signal.aborted) return; // a newer request took its place
      this.busy(false);
      this.failed = ["playground", "unreachable", "late"].includes(error.kind);
      if (error.kind !== "playground") this.showProblem(error);
      if (this.failed) this.page.failed(error);
    }
  }

  /** The old answer stays until the new one is there, and is dimmed if that takes long. */
  busy(on) {
    this.body.setAttribute("aria-busy", String(on));
  }

  showState(now) {
    const state = now?.state;
    this.state.textContent = state ? (this.t.states[state] ?? state) : "";
    this.state.dataset.state = state ?? "";
    if (!now) return;
    if (state === "available") {
      if (this.problem.dataset.of === "state") this.showProblem(null);
      return;
    }
    const text = this.t[state] ?? this.t.errors[state] ?? this.t.errors.fault;
    this.showSentence(text, now.message, "state");
  }

  showProblem(error) {
    if (!error) this.problem.hidden = true;
    else this.showSentence(this.t.errors[error.kind] ?? this.t.errors.fault, error.message, "request");
  }

  showSentence(text, message, of) {
    if (!this.problem.hidden && this.problem.dataset.text === text + message) return; // keeps an opened message open
    this.problem.dataset.of = of;
    this.problem.dataset.text = text + message;
    this.problem.hidden = false;
    const details = message ? element("details", {}, element("summary", {}, this.t.details),
      element("p", {}, message)) : null;
    fill(this.problem, element("p", {}, text), details);
  }
}

/** Sets the options of a select, unless they are the same already: an open list would close. */
function options(select, rows, chosen) {
  const same = select.options.length === rows.length &&
    rows.every(([value, name], place) => select.options[place].value === value && select.options[place].text === name);
  if (!same) fill(select, ...rows.map(([value, name]) => element("option", { value }, name)));
  select.value = chosen;
}
