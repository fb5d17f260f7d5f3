// "Let it write": at the end of the text the model goes on, and the reader steps through what it wrote.

import { say } from "./format.js";

export class Writing {
  constructor(form, { onWrite }) {
    this.form = form;
    this.button = form.querySelector("button");
    this.hint = form.querySelector("p");
    this.possible = false;
    form.onsubmit = (event) => {
      event.preventDefault();
      if (this.button.disabled) return;
      this.asked = true;
      this.update(true);
      const { temperature, seed } = form.elements;
      onWrite({ temperature: Number(temperature.value), seed: Number(seed.value) });
    };
  }

  /** What Python says of it: whether this model can write, and how it did last. */
  settle({ possible, temperature, seed }) {
    this.possible = possible;
    this.form.hidden = false;
    if (this.told === `${temperature} ${seed}`) return;
    this.told = `${temperature} ${seed}`;
    this.form.elements.temperature.value = String(temperature);
    this.form.elements.seed.value = String(seed);
  }

  arrived() {
    this.asked = false;
  }

  update(atEnd) {
    this.atEnd = atEnd;
    this.button.disabled = !this.possible || !atEnd || Boolean(this.asked);
    const hint = !this.possible
      ? "This model also reads backwards, from an end that is not written yet: it cannot write on."
      : this.asked
        ? "Writing …"
        : atEnd
          ? "Draws the next 100 tokens from what it expects, and steps on through them."
          : "Go to the last step to let it write.";
    say(this.hint, hint);
  }
}
