// All signals in one canvas, a pixel wide a step and stretched by CSS: each canvas that changes costs its own share of a
// frame, and so does each new size. A signal is a strip with the mean of all units, and below it a row for each unit.

import { Pixels } from "../browser/canvas.js";
import { make } from "../browser/format.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { StepAxis } from "./step_axis.js" */

/** @typedef {{ values: Float32Array, means: number[], units: number, rows: number[], scale: Scale, axis: StepAxis }} Painted */

const STRIP = 8; // pixels of the strip of means, as in the style sheet
const BELOW = 1; // between the strip and the rows
const PORTION = 64; // steps by which the canvas grows

export class Cells {
  constructor() {
    this.canvas = make("canvas", { class: "cells", "aria-hidden": "true" });
    this.element = make("div", { class: "sheet" }, this.canvas); // it ends where the columns end
    /** @type {Pixels | null} */
    this.pixels = null;
    this.tall = 0; // pixels of the screen: a signal
    this.apart = 0; // from the top of one signal to the next
    this.ratio = 1; // pixels of the screen a CSS pixel
  }

  /**
   * Make room for so many signals.
   * @param {StepAxis} axis
   * @param {{ signals: number, tall: number, gap: number }} size of a signal and between two, in CSS pixels
   */
  fit({ count, column }, { signals, tall, gap }) {
    const ratio = globalThis.devicePixelRatio || 1;
    this.ratio = ratio;
    [this.tall, this.apart] = [Math.round(tall * ratio), (tall + gap) * ratio];
    const width = Math.max(Math.ceil(count / PORTION), 1) * PORTION;
    const height = Math.max(Math.round(signals * this.apart), 1);
    const known = this.pixels?.image;
    if (known?.width !== width || known.height !== height) this.pixels = new Pixels(this.canvas, width, height);
    this.canvas.style.width = `${(width * column).toFixed(2)}px`;
    this.canvas.style.height = `${height / ratio}px`;
    this.canvas.classList.toggle("coarse", column < 1);
  }

  /**
   * Colour the pixels of a signal.
   * @param {number} place of the signal, from the top
   * @param {Painted} painted
   */
  draw(place, { values, means, units, rows, scale, axis }) {
    if (!this.pixels) return;
    const { colours, image } = this.pixels;
    const { start, count } = axis;
    const top = Math.round(place * this.apart) * image.width;
    const strip = Math.round(STRIP * this.ratio);
    const first = Math.round((STRIP + BELOW) * this.ratio);
    let drawn = -1; // the last row; a unit's row has several rows of pixels
    for (let y = 0; y < this.tall; y++) {
      const at = top + y * image.width;
      const row = y < strip ? -2 : Math.floor(((y - first + 0.5) * rows.length) / (this.tall - first));
      if (y >= strip && y < first) continue;
      if (y > 0 && row === drawn) colours.copyWithin(at, at - image.width, at - image.width + count);
      else if (row < 0)
        for (let step = 0; step < count; step++) colours[at + step] = scale.packed[scale.level(means[start + step])];
      else
        for (let step = 0; step < count; step++)
          colours[at + step] = scale.packed[scale.level(values[(start + step) * units + rows[row]])];
      colours.fill(0, at + count, at + image.width);
      drawn = row;
    }
  }

  show() {
    this.pixels?.paint();
  }
}
