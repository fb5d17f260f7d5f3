// What the drawings of all cells are made of: pipes as thick and gauges as full as their numbers are now.

import { colourOf } from "../browser/colours.js";
import { fixed, say, shape } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";
import { Columns } from "./columns.js";
import { Gauge } from "./gauge.js";
import { activationOf, SYMBOLS, written } from "./kinds.js";
import { indexed, subscripted, text } from "./symbols.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Signal } from "../browser/types" */
/** @import { Size } from "./gauge.js" */
/** @import { Reading } from "./reading.js" */
/** @import { Cell, ColumnPlace, Layer, Now, Terms, Told } from "./types" */
/** @typedef {[x: number, y: number]} Point */

export const WIDTH = 760;
export const HEIGHT = 432;
export const STRONG = 4; // a term of this size draws an arrow of nearly half the thickest pipe's thickness
const MOST = 16; // pixels: the thickest pipe
const TILE = 6; // characters that fit into the token's tile

/** A drawing of one type of cell; each has its own `draw`, `show` and places of `columns`. */
export class Drawing {
  /**
   * @param {HTMLElement} holder
   * @param {{ onUnit: Told["onUnit"]; onHold?: Told["onHold"]; cell: Cell }} options
   */
  constructor(holder, { onUnit, onHold, cell }) {
    this.svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: onHold ? "group" : "img" });
    this.onHold = onHold;
    this.cell = cell;
    this.symbols = SYMBOLS[cell.type];
    /** @type {Record<string, SVGPathElement>} */
    this.pipes = {};
    /** @type {Record<string, SVGTextContentElement>} */
    this.texts = {};
    /** @type {Record<string, Gauge>} */
    this.gauges = {};
    /** @type {Now} */
    this.was = {}; // what signals are where nothing is held; empty if nothing is
    /** @type {Record<string, Signal>} */
    this.signals = {};
    this.draw();
    this.earlier = [...this.svg.querySelectorAll(".earlier .index")];
    this.columns = new Columns(this.places, { width: WIDTH, height: HEIGHT, onUnit });
    this.svg.append(...this.columns.marks);
    holder.replaceChildren(this.svg, ...this.columns.canvases, this.columns.tip);
  }

  /** What it shows, in words. */
  get description() {
    return "";
  }

  /**
   * Where its columns of pixels stand.
   * @returns {Record<string, ColumnPlace>}
   */
  get places() {
    return {};
  }

  draw() {}

  /**
   * The numbers of one step of one unit, as thicknesses, heights and text.
   * @param {Now} _now
   * @param {Reading} _reading
   * @param {number} _step
   * @param {number} _unit
   */
  show(_now, _reading, _step, _unit) {}

  /**
   * @param {string} name
   * @param {string} path
   * @param {string} [kind]
   */
  pipe(name, path, kind = "pipe") {
    this.pipes[name] = this.svg.appendChild(shape("path", { d: path, class: kind }));
  }

  /**
   * Which way it flows: small marks at these points.
   * @param {Partial<Record<"right" | "up" | "down", Point[]>>} points
   */
  chevrons({ right = [], up = [], down = [] }) {
    for (const [x, y] of right) this.svg.append(shape("path", { class: "chevron", d: `M${x - 2} ${y - 4}l4 4l-4 4` }));
    for (const [x, y] of up) this.svg.append(shape("path", { class: "chevron", d: `M${x - 4} ${y + 2}l4 -4l4 4` }));
    for (const [x, y] of down) this.svg.append(shape("path", { class: "chevron", d: `M${x - 4} ${y}l4 4l4 -4` }));
  }

  /**
   * A gauge with its middle at x.
   * @param {string} gate
   * @param {number} x
   * @param {Size} size
   */
  gauge(gate, x, size) {
    const squash = written(activationOf(this.cell, gate));
    this.gauges[gate] = new Gauge(gate, x, size, { symbol: this.symbols[gate], squash });
    this.svg.append(this.gauges[gate].group);
  }

  /**
   * @param {string} name
   * @param {Point} middle
   * @param {string} sign
   * @param {number} [radius]
   */
  node(name, [x, y], sign, radius = 14) {
    const group = this.svg.appendChild(shape("g", { class: sign.length > 1 ? `node ${name} word` : `node ${name}` }));
    group.append(shape("circle", { cx: x, cy: y, r: radius }), text(sign, { x, y: y + (sign.length > 1 ? 4 : 6) }));
  }

  /**
   * A number with its symbol before it; those of the step before are `earlier`.
   * @param {string} name
   * @param {number} x
   * @param {number} y
   * @param {"start" | "middle" | "end"} anchor
   * @param {string} symbol
   * @param {string} index
   * @param {string} [kind]
   */
  label(name, x, y, anchor, symbol, index, kind = "") {
    const holder = shape("text", { x, y, class: `label ${name} ${kind}`.trim(), "text-anchor": anchor });
    if (symbol) holder.append(...subscripted(symbol, index), " = ");
    this.texts[name] = holder.appendChild(shape("tspan", { class: "number" }));
    this.svg.append(holder);
  }

  /**
   * The token that is read, in its tile, beside the name of what it is.
   * @param {number} middle
   */
  tile(middle) {
    this.texts.token = text("", { x: 53, y: middle + 5, class: "glyph" });
    this.svg.append(
      shape("rect", { x: 34, y: middle - 18, width: 38, height: 34, rx: 5, class: "tile" }),
      this.texts.token,
    );
    this.svg.append(indexed("x", "t", { x: 80, y: middle - 8, class: "label" }));
  }

  /**
   * What is coloured how; called when the theme or the signals change.
   * @param {Record<string, Scale>} scales
   * @param {Signal[]} signals
   * @param {Layer} layer
   */
  paint(scales, signals, layer) {
    this.signals = Object.fromEntries(signals.map((signal) => [signal.name, signal]));
    this.columns.paint(scales, layer);
    for (const [gate, gauge] of Object.entries(this.gauges)) {
      gauge.reach = this.reach(gate);
      const { onHold } = this;
      if (onHold) gauge.holdable(this.signals[gate].title.toLowerCase(), (value) => onHold(gate, value));
    }
    for (const index of this.earlier) say(index, layer.reverse ? "t+1" : "t−1");
    this.svg.setAttribute("aria-label", this.description);
  }

  /**
   * @param {Reading} reading
   * @param {number} step
   * @param {number} unit
   * @param {string} token
   * @param {Reading | null} was the same where nothing is held
   */
  update(reading, step, unit, token, was) {
    const at = (/** @type {Reading} */ one) =>
      Object.fromEntries(Object.keys(this.signals).map((name) => [name, one.value(name, step, unit)]));
    /** @type {Now} */
    const now = at(reading);
    this.was = was ? at(was) : {};
    this.show(now, reading, step, unit);
    say(this.texts.token, token.length > TILE ? `${token.slice(0, TILE - 1)}…` : token);
    this.texts.token.classList.toggle("long", token.length > 2);
    this.columns.update(reading, step, unit);
  }

  /**
   * The numbers beside pipes.
   * @param {Record<string, number>} numbers
   */
  write(numbers) {
    for (const [name, value] of Object.entries(numbers)) say(this.texts[name], fixed(value, 2));
  }

  /**
   * The gauge of a gate, the pipe that leaves it, and the arrows that come in.
   * @param {string} gate
   * @param {number} value
   * @param {Pick<Terms, "input" | "recurrent">} terms
   */
  fill(gate, value, { input, recurrent }) {
    this.thick(gate, (value / this.reach(gate)) * 0.6, gate, value);
    this.gauges[gate].show(value, this.was[gate], colourOf(this.signals[gate], value));
    this.thick(`${gate} recurrent`, (recurrent / STRONG) * 0.45);
    this.thick(`${gate} token`, (input / STRONG) * 0.45);
  }

  /**
   * The largest value that is drawn of a signal.
   * @param {string} signal
   */
  reach(signal) {
    return this.signals[signal].limits[1];
  }

  /**
   * What comes from the step before: the unit's hidden state, unless that is projected.
   * @param {Reading} reading
   * @param {number} step
   * @param {number} unit
   */
  heard(reading, step, unit) {
    const { projection } = this.cell;
    if (projection) return projection === 1 ? _("1 number") : fill(_("{count} numbers"), { count: projection });
    return fixed(reading.columnBefore("hidden", step)[unit], 2);
  }

  /**
   * A pipe's thickness by the share of its limit; with a signal, its colour by the sign.
   * @param {string} name
   * @param {number} share
   * @param {string} [signal]
   * @param {number} [value]
   */
  thick(name, share, signal, value = 0) {
    const { style } = this.pipes[name];
    const known = Number.isFinite(share) ? Math.abs(share) : 0;
    style.strokeWidth = (1 + (MOST - 1) * Math.min(known, 1)).toFixed(2);
    style.opacity = (0.35 + 0.65 * Math.min(known * 3, 1)).toFixed(2);
    if (signal) style.stroke = colourOf(this.signals[signal], value);
  }
}
