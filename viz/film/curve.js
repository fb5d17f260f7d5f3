// The loss over the training steps, small, with a dot for each frame; a click goes to the nearest.

import { label, powers } from "../browser/axes.js";
import { shape } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";

/** @import { Ends } from "../browser/types" */
/** @import { Frame } from "./types" */
/** @typedef {{ x: number; y: number | null }} Place */

const [WIDTH, HEIGHT] = [340, 108];
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 12, 24, 30];

export class Curve {
  /**
   * @param {HTMLElement} holder
   * @param {{ onFrame: (at: number) => void }} told
   */
  constructor(holder, { onFrame }) {
    this.holder = holder;
    this.onFrame = onFrame;
    /** @type {Place[]} */
    this.places = [];
    /** @type {(SVGCircleElement | null)[]} */
    this.dots = [];
    this.here = shape("path", { class: "here" });
  }

  /**
   * @param {Frame[]} frames
   * @param {Ends} ends
   * @param {string} unit of the loss
   */
  build(frames, ends, unit) {
    this.places = places(frames, ends);
    const dots = this.places.filter(({ y }) => y !== null);
    this.dots = this.places.map(({ x, y }) => (y === null ? null : shape("circle", { cx: x, cy: y, r: 3 })));
    const line = shape("path", { d: dots.map(({ x, y }, at) => `${at ? "L" : "M"}${x} ${y}`).join("") });
    const axis = shape("path", { class: "axis", d: `M${LEFT} ${HEIGHT - BOTTOM}H${WIDTH - RIGHT}` });
    const title = _("Loss over the training steps, on a logarithmic axis");
    const svg = shape(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title },
      axis,
      this.here,
      line,
    );
    svg.append(...this.dots.filter((dot) => dot !== null), ...labels(frames, ends, unit));
    svg.onclick = (event) => this.onFrame(this.nearest(svg, event.clientX));
    this.holder.replaceChildren(svg);
  }

  /** @param {number} at */
  mark(at) {
    const { x } = this.places[at];
    this.here.setAttribute("d", `M${x} ${TOP - 4}V${HEIGHT - BOTTOM}`);
    this.dots.forEach((dot, index) => {
      dot?.classList.toggle("shown", index === at);
      dot?.setAttribute("r", index === at ? "5" : "3");
    });
  }

  /**
   * @param {SVGSVGElement} svg
   * @param {number} clientX
   */
  nearest(svg, clientX) {
    const x = new DOMPoint(clientX, 0).matrixTransform(svg.getScreenCTM()?.inverse()).x;
    const away = this.places.map((place) => Math.abs(place.x - x));
    return away.indexOf(Math.min(...away));
  }
}

/**
 * The axis is log(1 + step), so that step 0 has a place on it too.
 * @param {number} step
 * @param {Frame[]} frames
 */
function across(step, frames) {
  const most = Math.log1p(Math.max(1, ...frames.map((frame) => frame.step)));
  return LEFT + (Math.log1p(step) / most) * (WIDTH - LEFT - RIGHT);
}

/**
 * @param {Frame[]} frames
 * @param {Ends} ends
 * @returns {Place[]}
 */
function places(frames, [low, high]) {
  return frames.map(({ step, loss }) => ({
    x: across(step, frames),
    y: loss === null ? null : TOP + ((high - loss) / (high - low)) * (HEIGHT - TOP - BOTTOM - 4),
  }));
}

/**
 * @param {Frame[]} frames
 * @param {Ends} ends
 * @param {string} unit of the loss
 */
function labels(frames, [low, high], unit) {
  const measured = frames.some((frame) => frame.loss !== null);
  const last = Math.max(...frames.map((frame) => frame.step));
  const beside = measured
    ? [label(LEFT - 8, TOP + 4, "end", high.toFixed(2)), label(LEFT - 8, HEIGHT - BOTTOM, "end", low.toFixed(2))]
    : [];
  return [
    ...beside,
    ...powers(last).map((step) =>
      label(across(step, frames), HEIGHT - BOTTOM + 13, "middle", step.toLocaleString("en")),
    ),
    label(2, 10, "start", fill(_("loss ({unit})"), { unit })),
    label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 3, "middle", _("training step (logarithmic)")),
  ];
}
