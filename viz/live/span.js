// A marked span of steps: how keys change it, and its frame in the picture.

import { make } from "../browser/format.js";

/** @import { StepAxis } from "./step_axis.js" */
/** @typedef {[start: number, stop: number]} Span the first step, and the one after the last */

/**
 * What Shift and an arrow key mark, as in a text: the end at the selected step moves, the other end stays.
 * @param {string} key
 * @param {{ step: number, steps: number, span: Span | null }} place
 * @returns {{ step: number, span: Span } | null}
 */
export function extended(key, { step, steps, span }) {
  const by = key === "ArrowLeft" ? -1 : key === "ArrowRight" ? 1 : 0;
  if (!by || !steps) return null;
  const fixed = !span ? step : step === span[1] - 1 ? span[0] : step === span[0] ? span[1] - 1 : step;
  const moved = Math.max(0, Math.min(step + by, steps - 1));
  return { step: moved, span: [Math.min(fixed, moved), Math.max(fixed, moved) + 1] };
}

export class SpanFrame {
  constructor() {
    this.element = make("i", { class: "span", hidden: "" });
  }

  /**
   * Draw it around the steps of the span that are shown.
   * @param {Span | null} span
   * @param {StepAxis} axis
   * @param {number} left pixels left of the columns
   */
  paint(span, axis, left) {
    const start = Math.max(span?.[0] ?? 0, axis.start);
    const stop = Math.min(span?.[1] ?? 0, axis.stop);
    this.element.hidden = !span || start >= stop;
    if (this.element.hidden) return;
    this.element.style.left = `${(left + axis.left(start)).toFixed(2)}px`;
    this.element.style.width = `${((stop - start) * axis.column).toFixed(2)}px`;
  }
}
