// The text, a letter a column, coloured by the selected unit; words and numbers stand upright where they are wider.

import { make, say } from "../browser/format.js";
import { _ } from "../browser/locale.js";
import { sheet } from "./sheet.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { StepAxis } from "./step_axis.js" */
/** @import { Read } from "./types" */

const SIZE = 15; // pixels of a letter
const FLAT = 26; // pixels of the row
const UPRIGHT = 62;

export class Letters {
  constructor() {
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.frame = make("div", { class: "frame letters" }, this.canvas);
    this.name = make("span", { class: "name plain" });
    this.element = make("div", { class: "signal head" }, this.name, this.frame);
  }

  /**
   * Returns the pixels that it takes.
   * @param {{ tokens: Read, axis: StepAxis, apart: boolean, scale: Scale, value: (step: number) => number, font: string, ink: string }} shown
   */
  paint({ tokens, axis, apart, scale, value, font, ink }) {
    const { start, stop, column, width, type } = axis;
    say(this.name, _("text"));
    const upright = apart && wide(tokens.labels.slice(start, stop), column);
    const height = type * (upright ? UPRIGHT : FLAT);
    const context = sheet(this.canvas, width, height);
    // Whole pixels: with a new size at each width, every letter would be rasterised again.
    const size = Math.round(Math.min(SIZE * type, Math.max(column * 1.45, 8)));
    context.font = `${size}px ${font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let step = start; step < stop; step++) {
      const left = axis.left(step);
      const level = scale.level(value(step));
      context.fillStyle = scale.css[level];
      context.fillRect(left, 1, Math.max(column - (column > 4 ? 0.7 : 0), 0.5), height - 2);
      if (!axis.legible) continue;
      context.fillStyle = scale.ink[level] === "inherit" ? ink : scale.ink[level];
      const label = labelOf(tokens, step);
      if (upright) this.upright(context, label, left + column / 2, height);
      else write(context, label, left + column / 2, height / 2 + 1, column);
    }
    return height;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {string} label
   * @param {number} x
   * @param {number} height
   */
  upright(context, label, x, height) {
    context.save();
    context.translate(x, height / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(label, 0, 0, height - 4);
    context.restore();
  }
}

/**
 * @param {string[]} labels
 * @param {number} column
 */
function wide(labels, column) {
  return labels.some((label) => label.length * SIZE * 0.62 > column);
}

/**
 * What is written for a step: of a character of several bytes, itself at the first and dots after it.
 * @param {Read} tokens
 * @param {number} step
 */
export function labelOf({ labels, groups }, step) {
  return step > 0 && groups[step - 1] === groups[step] ? "·" : labels[step];
}

/**
 * Write in the middle of a column; only what is longer than a letter is fitted into it, which takes a measurement.
 * @param {CanvasRenderingContext2D} context
 * @param {string} label
 * @param {number} x
 * @param {number} y
 * @param {number} column
 */
export function write(context, label, x, y, column) {
  if (label.length > 1) context.fillText(label, x, y, Math.max(column - 1, 6));
  else context.fillText(label, x, y);
}
