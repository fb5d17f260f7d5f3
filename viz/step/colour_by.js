// "Colour by": which signal colours the text, and the legend that says so.

import { make, part, say } from "../browser/format.js";
import { legendOf } from "./sentences.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Signal } from "../browser/types" */
/** @import { Strip } from "./strip.js" */
/** @import { ReadingSide } from "./types" */

const MOVED = 0.005; // of a scale: so much shows that something has changed

export class ColourBy {
  /**
   * @param {HTMLElement} root
   * @param {Strip} strip
   * @param {() => void} onChange
   */
  constructor(root, strip, onChange) {
    this.strip = strip;
    this.choice = part(root, "select.colour", HTMLSelectElement);
    this.choice.onchange = onChange;
    this.ramp = part(root, ".ramp", HTMLElement);
    this.meaning = part(root, ".meaning", HTMLElement);
    this.offered = "";
  }

  /** @param {Signal[]} signals */
  offer(signals) {
    const offered = signals.map((one) => `${one.title} ${one.symbol}`);
    if (String(offered) === this.offered) return;
    this.offered = String(offered);
    const chosen = this.choice.value || "cell";
    this.choice.replaceChildren(...signals.map((one, index) => make("option", { value: one.name }, offered[index])));
    const memory = signals.find((one) => one.name === chosen) ?? signals.find((one) => one.name === "cell");
    this.choice.value = (memory ?? signals[signals.length - 1]).name;
  }

  /**
   * Colour the text by a unit of the first of the models.
   * @param {ReadingSide[]} sides
   * @param {Signal[]} signals
   * @param {Record<string, Scale>} scales
   * @param {number} unit
   */
  paint([{ reading, was }, ...others], signals, scales, unit) {
    const signal = signals.find((one) => one.name === this.choice.value) ?? signals[0];
    const scale = scales[signal.name];
    /** @type {(step: number) => number} */
    const levelAt = (step) => reading.level(signal.name, step, unit, scale);
    const least = MOVED * (signal.limits[1] - signal.limits[0]);
    /** @type {(step: number) => boolean} */
    const moved = (step) =>
      was !== null && Math.abs(reading.value(signal.name, step, unit) - was.value(signal.name, step, unit)) > least;
    this.strip.colour(scale, levelAt, [reading.start, reading.stop], moved);
    this.ramp.style.background = scale.ramp;
    say(this.meaning, legendOf(signal, unit, others.length ? reading.title : ""));
  }
}
