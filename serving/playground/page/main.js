/** The page: the text, one or two panels, language, and the states of the models. */

import { element, fill } from "./elements.js";
import { link, readFragment } from "./fragment.js";
import { states } from "./interface.js";
import { firstLanguage, keepLanguage, LANGUAGES, messagesIn } from "./messages.js";
import { Panel } from "./panel.js";

const SLOW = 15000; // milliseconds between two looks at the states
const FAST = 2000; // while a model is not available
const LONGEST = 20000; // letters, as the server allows

class Page {
  constructor() {
    const { text, panels } = readFragment();
    this.language = firstLanguage();
    this.saved = panels.length ? panels : [{ model: "", version: 0, options: {} }];
    this.input = element("textarea", {
      id: "text", rows: 4, maxlength: LONGEST, dir: "auto", spellcheck: "false", autocomplete: "off",
      input: () => this.panels.forEach((panel) => panel.ask()),
    });
    this.input.value = text ?? "";
    this.panels = [];
    this.models = null;
    this.timer = 0;
    this.draw();
    this.input.focus();
    this.look();
    window.addEventListener("hashchange", () => this.open());
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
  }

  /** The text; half a character, which no server takes, becomes the replacement character. */
  text() {
    return this.input.value.toWellFormed();
  }

  append(text) {
    this.input.value += text;
    this.panels.forEach((panel) => panel.ask(0));
  }

  insert(text) {
    this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, "end");
    this.input.focus();
    this.panels.forEach((panel) => panel.ask(0));
  }

  /** Hides the text where every panel has inputs of its own. */
  chosen() {
    const views = this.panels.map(({ view }) => view);
    this.textSection.hidden = views.length > 0 && views.every((view) => view?.ownInputs);
  }

  failed(error) {
    if (error.kind === "playground") this.trouble = error;
    this.show();
    this.wait(FAST);
  }

  open() {
    const { text, panels } = readFragment();
    if (text === null && !panels.length) return;
    this.input.value = text ?? "";
    if (panels.length) this.saved = panels;
    this.draw();
  }

  speak(language) {
    this.language = language;
    keepLanguage(language);
    this.saved = this.panels.map((panel) => panel.saves());
    this.draw();
    this.header.querySelector(`[lang=${language}]`).focus();
  }

  draw() {
    this.t = messagesIn(this.language);
    document.documentElement.lang = this.language;
    document.title = this.t.title;
    this.panels.forEach((panel) => panel.stop());
    this.panels = this.saved.map((saved, place) => new Panel(this, place + 1, saved));
    this.note = element("span.notes", { role: "status" });
    this.header = this.makeHeader();
    this.textSection = this.makeText();
    this.general = element("p.problem", { role: "alert", hidden: true });
    this.grid = element("div.panels", {}, ...this.panels.map((panel) => panel.element));
    this.footer = element("footer", {}, element("span"));
    fill(document.body, this.header, element("main", {}, this.textSection, this.general, this.grid), this.footer);
    this.show();
  }

  makeHeader() {
    const buttons = Object.entries(LANGUAGES).map(([name, title]) => element("button.quiet", {
      type: "button", lang: name, "aria-pressed": String(name === this.language), click: () => this.speak(name),
    }, title));
    return element("header", {}, element("h1", {}, this.t.title),
      element("div.row", { role: "group", "aria-label": this.t.language }, ...buttons));
  }

  makeText() {
    const button = (title, click) => element("button.quiet", { type: "button", click }, title);
    this.input.placeholder = this.t.textHint;
    return element("section.text", {}, element("label", { for: "text" }, this.t.text), this.input,
      element("div.row", {},
        button(this.t.clear, () => this.clear()),
        button(this.t.copyLink, () => this.copyLink()),
        button(this.saved.length > 1 ? this.t.compareEnd : this.t.compare, () => this.compare()), this.note));
  }

  clear() {
    this.input.value = "";
    this.input.focus();
    this.panels.forEach((panel) => panel.ask(0));
  }

  compare() {
    const now = this.panels.map((panel) => panel.saves());
    const other = this.models?.find(({ name }) => name !== now[0].model)?.name ?? now[0].model;
    this.saved = now.length > 1 ? now.slice(0, 1) : [now[0], { model: other, version: 0, options: {} }];
    this.draw();
  }

  async copyLink() {
    const made = link(this.text(), this.panels.map((panel) => panel.saves()));
    if (made === null) {
      this.note.textContent = this.t.linkTooLong;
      return;
    }
    history.replaceState(null, "", made);
    try {
      await navigator.clipboard.writeText(made);
      this.note.textContent = this.t.linkCopied;
    } catch {
      this.note.textContent = this.t.linkInBar;
    }
  }

  /** Reads the states of the models, again and again while the page is visible. */
  async look() {
    clearTimeout(this.timer);
    let calm = false;
    try {
      const found = await states();
      this.models = found.models;
      this.server = found.server;
      this.trouble = null;
      calm = found.models.length > 0 && this.panels.every((panel) =>
        found.models.some(({ name, state }) => name === panel.saved.model && state === "available"));
    } catch (error) {
      this.trouble = error;
    }
    this.show();
    this.wait(calm ? SLOW : FAST);
  }

  wait(delay) {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.look(), delay);
  }

  show() {
    const nothing = this.models?.length === 0 ? this.t.noModels : "";
    const text = this.trouble ? (this.t.errors[this.trouble.kind] ?? this.t.errors.fault) : nothing;
    this.general.hidden = !text;
    if (this.general.textContent !== text) this.general.textContent = text;
    fill(this.footer, this.server ? this.t.server(this.server) : this.t.connecting);
    if (this.models && !this.trouble) this.panels.forEach((panel) => panel.update(this.models));
  }
}

new Page();
