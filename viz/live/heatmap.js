// One signal as rows of cells, a pixel each, stretched by CSS; above them a strip with the mean of all units.

import { Pixels } from "../browser/canvas.js";
import { make } from "../browser/format.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Signal } from "../browser/types" */
/** @import { StepAxis } from "./step_axis.js" */

/** @typedef {{ values: Float32Array, means: number[], units: number, rows: number[], scale: Scale, axis: StepAxis }} Painted */

export class Heatmap {
  /** @param {Signal} signal */
  constructor(signal) {
    this.signal = signal;
    this.mean = make("canvas", { class: "mean", "aria-hidden": "true" });
    this.cells = make("canvas", { class: "cells", "aria-hidden": "true" });
    this.cursor = make("i", { class: "row" });
    this.frame = make("div", { class: "frame" }, this.mean, make("div", { class: "area" }, this.cells, this.cursor));
    this.frame.dataset.signal = signal.name;
    const symbol = make("i", {}, signal.symbol);
    const name = make("span", { class: "name" }, symbol, make("span", {}, signal.title));
    name.title = `${signal.title}: ${signal.meaning}`;
    name.style.setProperty("--hue", signal.colour);
    this.element = make("div", { class: "signal" }, name, this.frame);
    /** @type {Pixels[]} */
    this.pixels = [];
  }

  /** @param {Painted} painted */
  paint({ values, means, units, rows, scale, axis }) {
    const { start, count, column } = axis;
    const wide = `${(count * column).toFixed(2)}px`;
    for (const canvas of [this.mean, this.cells]) {
      if (canvas.style.width !== wide) canvas.style.width = wide;
      canvas.classList.toggle("coarse", column < 1);
    }
    if (!count || !rows.length) return;
    const [mean, cells] = this.sized(count, rows.length);
    for (let step = 0; step < count; step++) {
      const from = (start + step) * units;
      mean.colours[step] = scale.packed[scale.level(means[start + step])];
      for (let row = 0; row < rows.length; row++)
        cells.colours[row * count + step] = scale.packed[scale.level(values[from + rows[row]])];
    }
    mean.paint();
    cells.paint();
  }

  /**
   * @param {number} steps
   * @param {number} rows
   */
  sized(steps, rows) {
    const [, cells] = this.pixels;
    if (cells?.image.width !== steps || cells.image.height !== rows)
      this.pixels = [new Pixels(this.mean, steps, 1), new Pixels(this.cells, steps, rows)];
    return this.pixels;
  }

  /**
   * Mark a row; -1 for none.
   * @param {number} row
   * @param {number} rows
   * @param {number} wide pixels
   */
  point(row, rows, wide) {
    this.cursor.hidden = row < 0;
    if (row < 0) return;
    this.cursor.style.width = `${wide.toFixed(1)}px`;
    this.cursor.style.top = `${((row / rows) * 100).toFixed(3)}%`;
    this.cursor.style.height = `${(100 / rows).toFixed(3)}%`;
  }
}
