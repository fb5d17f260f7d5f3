// "Let it write": at the end of the text the model generates more, and the reader steps through it.

import { part, say } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";

/** @import { Draw, WritingOffer } from "./types" */

const PATIENCE = 15000; // ms until we stop waiting for an answer

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
    this.tokens = ""; // what several of them are called
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
   * What Python sends: why this model cannot generate text, if it cannot, and the settings that it used last.
   * @param {WritingOffer} offer
   */
  settle({ obstacle, temperature, seed, limits, tokens }) {
    this.obstacle = obstacle;
    this.tokens = tokens;
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
    say(this.hint, this.obstacle || this.offer());
  }

  /** What the button does, or when it will. */
  offer() {
    if (this.asked) return _("Generating …");
    if (!this.atEnd) return _("Go to the last step to let the model write.");
    const { portion: count, tokens } = this;
    return fill(_("Generates {count} {tokens} and steps through them."), { count, tokens });
  }
}
