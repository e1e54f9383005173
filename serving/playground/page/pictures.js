/** Pictures that are folded away, and made only while they are open: those of a long text are large. */

import { element, fill } from "./elements.js";

export class Pictures {
  /**
   * @param {string} title
   * @param {string} hint how to read them
   */
  constructor(title, hint) {
    this.makers = [];
    this.pictures = element("div.pictures");
    this.element = element("details.card", { hidden: true, toggle: () => this.draw() },
      element("summary", {}, title), element("p.hint", {}, hint), this.pictures);
  }

  /** @param {Array<function(): Element>} makers of the pictures; none hides all */
  show(makers) {
    this.makers = makers;
    this.element.hidden = !makers.length;
    this.draw();
  }

  draw() {
    fill(this.pictures, ...(this.element.open ? this.makers.map((make) => make()) : []));
  }
}
