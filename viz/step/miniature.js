// All signals over all steps, a pixel row a unit; drag across them to scrub.

import { Pixels } from "../browser/canvas.js";
import { make, part } from "../browser/format.js";
import { _, fill as put } from "../browser/locale.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Numbers, Signal } from "../browser/types" */
/** @import { Reading } from "./reading.js" */
/** @import { MiniaturePanel, Told } from "./types" */

export class Miniature {
  /**
   * @param {HTMLElement} holder
   * @param {Pick<Told, "onStep">} told
   */
  constructor(holder, { onStep }) {
    /** @type {MiniaturePanel[]} */
    this.panels = [];
    /** @type {Reading | null} */
    this.reading = null;
    this.start = 0;
    this.steps = 1;
    this.holder = part(holder, ".panels", HTMLElement);
    this.onStep = onStep;
    /** @type {Record<string, Scale> | null} */
    this.due = null; // the scales of what is to be painted once it is in sight
    this.seen = false;
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.seen = isIntersecting;
      if (this.seen) this.catchUp();
    }).observe(this.holder);
  }

  /**
   * One panel for each signal, empty at first.
   * @param {Signal[]} signals
   */
  build(signals) {
    this.panels = signals.map((signal) => {
      const label = put(_("{signal}, every unit at every step"), { signal: signal.title });
      const canvas = make("canvas", { role: "img", "aria-label": label });
      const cursor = make("i", { class: "cursor" });
      const row = make("i", { class: "row" });
      const frame = make("div", { class: "frame" }, canvas, row, cursor);
      this.listen(frame);
      const title = make(
        "span",
        { class: "name", title: signal.meaning },
        `${signal.title} `,
        make("i", {}, signal.symbol),
      );
      title.style.setProperty("--hue", signal.colour);
      return { signal, canvas, cursor, row, panel: make("div", { class: "panel" }, title, frame) };
    });
    this.holder.replaceChildren(...this.panels.map(({ panel }) => panel));
  }

  /** @param {Reading} reading */
  take(reading) {
    this.reading = reading;
    this.start = reading.start;
    this.steps = reading.stop - reading.start;
  }

  /** @param {HTMLElement} frame */
  listen(frame) {
    const take = (/** @type {PointerEvent} */ event) => {
      const box = frame.getBoundingClientRect();
      const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 0.999999);
      this.onStep(this.start + Math.floor(share * this.steps));
    };
    frame.onpointerdown = (event) => {
      if (event.button) return;
      frame.setPointerCapture(event.pointerId);
      take(event);
    };
    frame.onpointermove = (event) => frame.hasPointerCapture(event.pointerId) && take(event);
  }

  /**
   * Draw every panel again, for another text, layer, window or theme: now, or once they are in sight.
   * @param {Record<string, Scale>} scales
   */
  paint(scales) {
    this.due = scales;
    if (this.seen) this.catchUp();
  }

  catchUp() {
    const { reading, due: scales } = this;
    this.due = null;
    if (!reading || !scales) return;
    for (const { signal, canvas, panel } of this.panels) {
      // No wider than it is shown: beyond that, steps are averaged over blocks.
      const width = Math.min(this.steps, Math.max(Math.round(panel.clientWidth * devicePixelRatio), 100));
      const pixels = new Pixels(canvas, width, reading.units);
      canvas.classList.toggle("coarse", this.steps < panel.clientWidth);
      fill(pixels.colours, reading.arrays[signal.name], scales[signal.name], {
        units: reading.units,
        steps: this.steps,
        width,
      });
      pixels.paint();
    }
  }

  /**
   * @param {number} step
   * @param {number} unit
   * @param {number} units
   */
  update(step, unit, units) {
    const across = `translateX(${(((step - this.start + 0.5) / this.steps) * 100).toFixed(3)}%)`;
    for (const { cursor } of this.panels) cursor.style.transform = across;
    const top = `${(((unit + 0.5) / units) * 100).toFixed(3)}%`;
    for (const { row } of this.panels) if (row.style.top !== top) row.style.top = top;
  }
}

/**
 * Colour (step, unit) values into (unit, step) pixels, averaging the steps that share a column.
 * @param {Uint32Array} pixels
 * @param {Numbers} values
 * @param {Scale} scale
 * @param {{ units: number; steps: number; width: number }} size
 */
function fill(pixels, values, scale, { units, steps, width }) {
  const sums = new Float64Array(units);
  const levels = values instanceof Uint8Array;
  for (let column = 0; column < width; column++) {
    const from = Math.floor((column * steps) / width);
    const to = Math.max(Math.floor(((column + 1) * steps) / width), from + 1);
    sums.fill(0);
    for (let step = from; step < to; step++) {
      for (let unit = 0, at = step * units; unit < units; unit++, at++) sums[unit] += values[at];
    }
    for (let unit = 0; unit < units; unit++) {
      const mean = sums[unit] / (to - from);
      pixels[unit * width + column] = scale.packed[levels ? Math.round(mean) : scale.level(mean)];
    }
  }
}
