// "Let it write": at the end of the text the model goes on, and the reader steps through what it wrote.

import { say } from "../browser/format.js";

const PATIENCE = 15000; // ms until an answer that did not come is no longer waited for

export class Writing {
  constructor(form, { onWrite }) {
    this.form = form;
    this.button = form.querySelector("button");
    this.hint = form.querySelector("p");
    this.obstacle = "";
    form.onsubmit = (event) => {
      event.preventDefault();
      if (this.button.disabled) return;
      this.asked = true;
      this.update(true);
      clearTimeout(this.patience);
      this.patience = setTimeout(() => this.arrived(), PATIENCE);
      const { temperature, seed } = form.elements;
      onWrite({ temperature: Number(temperature.value), seed: Number(seed.value) });
    };
  }

  /** What Python says of it: why this model cannot write, if it cannot, and how it did last. */
  settle({ obstacle, temperature, seed, limits }) {
    this.obstacle = obstacle;
    this.portion = limits.portion;
    for (const name of ["temperature", "seed"]) this.form.elements[name].max = String(limits[name]);
    this.form.hidden = false;
    if (this.told === `${temperature} ${seed}`) return;
    this.told = `${temperature} ${seed}`;
    this.form.elements.temperature.value = String(temperature);
    this.form.elements.seed.value = String(seed);
  }

  arrived() {
    clearTimeout(this.patience);
    this.asked = false;
    this.update(this.atEnd);
  }

  update(atEnd) {
    this.atEnd = atEnd;
    this.button.disabled = Boolean(this.obstacle) || !atEnd || Boolean(this.asked);
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
