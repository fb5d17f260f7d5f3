// The colours of a view: the theme, and a colour scale for each signal, fitted to the text.

import { dress, isDark, Scale } from "../browser/colours.js";
import { endsOf } from "./scale_ends.js";

/** @import { Ends, Mode, Signal, Stop } from "../browser/types" */
/** @import { View } from "./types" */

export class Scales {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Map<string, Scale>} */
    this.known = new Map();
    /** @type {Mode} */
    this.mode = "light";
    /** @type {Record<string, string>} */
    this.inks = {};
    this.font = "monospace";
    /** @type {Record<Mode, Stop[]>} */
    this.stops = { light: [], dark: [] };
  }

  /**
   * Take the theme of the page around.
   * @param {View} view
   */
  wear(view) {
    this.known.clear();
    this.mode = isDark(this.root) ? "dark" : "light";
    this.inks = view.themes[this.mode];
    this.stops = view.probability;
    dress(this.root, { signals: [], themes: view.themes }, this.mode === "dark");
    this.font = getComputedStyle(this.root).getPropertyValue("--st-code-font") || "monospace";
  }

  /** From nothing to certainty. */
  get probability() {
    return this.made("probability", [0, 1], this.stops);
  }

  /**
   * @param {Signal} signal
   * @param {Float32Array} values
   */
  of(signal, values) {
    return this.made(signal.name, endsOf(signal, [values]), signal.scale);
  }

  /**
   * A scale is made once for its ends.
   * @param {string} name
   * @param {Ends} ends
   * @param {Record<Mode, Stop[]>} stops
   */
  made(name, ends, stops) {
    const key = `${name} ${ends}`;
    const found = this.known.get(key) ?? new Scale(ends, stops[this.mode]);
    this.known.set(key, found);
    return found;
  }
}
