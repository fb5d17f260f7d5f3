// One signal of the picture: its name, the place of its cells, and the mark at the selected unit's row.

import { make } from "../browser/format.js";

/** @import { Signal } from "../browser/types" */

export class Heatmap {
  /** @param {Signal} signal */
  constructor(signal) {
    this.signal = signal;
    this.cursor = make("i", { class: "row" });
    this.frame = make("div", { class: "frame" }, make("div", { class: "area" }, this.cursor));
    this.frame.dataset.signal = signal.name;
    const symbol = make("i", {}, signal.symbol);
    const name = make("span", { class: "name" }, symbol, make("span", {}, signal.title));
    name.title = `${signal.title}: ${signal.meaning}`;
    name.style.setProperty("--hue", signal.colour);
    this.element = make("div", { class: "signal" }, name, this.frame);
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
