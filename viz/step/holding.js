// What if: gates of units held at values of the reader's, at one step or from there on, in words and as the engine takes them.

import { fixed, make, part } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";

/** @import { Intervention } from "../live/engine/interventions.js" */
/** @typedef {{ signal: string; unit: number; step: number; value: number; was: number }} Held */

export class Holding {
  /**
   * @param {HTMLElement} root
   * @param {() => void} onChange
   */
  constructor(root, onChange) {
    this.onChange = onChange;
    this.root = root;
    this.bar = part(root, ".held", HTMLElement);
    this.words = part(this.bar, ".words", HTMLElement);
    /** @type {Held[]} */
    this.all = []; // the last is that which was changed last
    this.onwards = false; // held from its step on, not there alone
    this.reverse = false;
    this.revision = 0;
    /** @type {Record<string, string>} */
    this.titles = {};
    for (const button of this.bar.querySelectorAll("button")) {
      button.onclick = () => {
        if (button.dataset.hold === "reset") this.all = [];
        else this.onwards = button.dataset.hold === "on";
        this.changed();
      };
    }
    this.tell();
  }

  get any() {
    return this.all.length > 0;
  }

  /**
   * Hold a gate, or with null let go of it.
   * @param {{ signal: string; unit: number; step: number }} place
   * @param {number | null} value
   * @param {number} was what it is by itself
   */
  hold({ signal, unit, step }, value, was) {
    this.all = this.all.filter((one) => one.signal !== signal || one.unit !== unit || one.step !== step);
    if (value !== null) this.all.push({ signal, unit, step, value, was });
    this.changed();
  }

  changed() {
    this.revision += 1;
    this.tell();
    this.onChange();
  }

  /** Another model or layer, of which this is not. */
  forget() {
    if (!this.any) return;
    this.all = [];
    this.revision += 1;
    this.tell();
  }

  /**
   * As the engine takes them, on a text of so many steps.
   * @param {string} layer
   * @param {number} steps
   * @returns {Intervention[]}
   */
  interventions(layer, steps) {
    return this.all
      .filter((one) => one.step < steps)
      .map(({ signal, unit, step, value }) => {
        const from = this.onwards && this.reverse ? 0 : step;
        const stop = this.onwards && !this.reverse ? null : step + 1;
        return { layer, signal, value, units: [unit], start: from, stop };
      });
  }

  /**
   * What signals are called, and which way the layer reads.
   * @param {Record<string, string>} titles
   * @param {boolean} reverse
   */
  name(titles, reverse) {
    this.titles = titles;
    this.reverse = reverse;
    this.tell();
  }

  tell() {
    this.bar.hidden = !this.any;
    this.root.classList.toggle("holding", this.any);
    const sentences = this.all.toReversed().map((one) => this.sentence(one));
    const more = fill(_("and {count} more"), { count: sentences.length - 1 });
    const [first = "", ...others] = sentences;
    const shown = make("span", {}, others.length ? `${first}, ${more}` : first);
    if (this.words.textContent !== shown.textContent) this.words.replaceChildren(shown);
    this.bar.title = sentences.join("\n");
    for (const button of this.bar.querySelectorAll("[data-hold]:not([data-hold=reset])"))
      button.setAttribute("aria-pressed", String((button.getAttribute("data-hold") === "on") === this.onwards));
  }

  /** @param {Held} held */
  sentence({ signal, unit, step, value, was }) {
    const sentence = this.onwards
      ? _("{signal} of unit {unit} held at {value} from step {step} on (it was {was})")
      : _("{signal} of unit {unit} held at {value} at step {step} (it was {was})");
    const numbers = { value: fixed(value, 2), was: fixed(was, 2), step: (step + 1).toLocaleString("en") };
    return fill(sentence, { signal: this.titles[signal] ?? signal, unit, ...numbers });
  }
}
