// "Let it write": at the end of the text the model goes on, and the reader steps through what it wrote.

import { part, say } from "../browser/format.js";

/** @import { Draw, WritingOffer } from "./types" */

const PATIENCE = 15000; // ms until an answer that did not come is no longer waited for

export class Writing {
  /**
   * @param {HTMLFormElement} form
   * @param {{ onWrite: (how: Draw) => void }} told
   */
  constructor(form, { onWrite }) {
    this.form = form;
    this.button = part(form, "button", HTMLButtonElement);
    this.hint = part(form, "p", HTMLElement);
    this.temperature = part(form, "[name=temperature]", HTMLInputElement);
    this.seed = part(form, "[name=seed]", HTMLInputElement);
    this.obstacle = "";
    this.portion = 0;
    this.asked = false;
    this.atEnd = false;
    this.told = ""; // temperature and seed
    /** @type {number | undefined} */
    this.patience = undefined;
    form.onsubmit = (event) => {
      event.preventDefault();
      if (this.button.disabled) return;
      this.asked = true;
      this.update(true);
      clearTimeout(this.patience);
      this.patience = setTimeout(() => this.arrived(), PATIENCE);
      onWrite({ temperature: Number(this.temperature.value), seed: Number(this.seed.value) });
    };
  }

  /**
   * What Python says of it: why this model cannot write, if it cannot, and how it did last.
   * @param {WritingOffer} offer
   */
  settle({ obstacle, temperature, seed, limits }) {
    this.obstacle = obstacle;
    this.portion = limits.portion;
    this.temperature.max = String(limits.temperature);
    this.seed.max = String(limits.seed);
    this.form.hidden = false;
    if (this.told === `${temperature} ${seed}`) return;
    this.told = `${temperature} ${seed}`;
    this.temperature.value = String(temperature);
    this.seed.value = String(seed);
  }

  arrived() {
    clearTimeout(this.patience);
    this.asked = false;
    this.update(this.atEnd);
  }

  /** @param {boolean} atEnd */
  update(atEnd) {
    this.atEnd = atEnd;
    this.button.disabled = Boolean(this.obstacle) || !atEnd || this.asked;
    const hint = this.obstacle
      ? this.obstacle
      : this.asked
        ? "Writing …"
        : atEnd
          ? `Draws the next ${this.portion} tokens from what it expects, and steps on through them.`
          : "Go to the last step to let it write.";
    say(this.hint, hint);
  }
}
