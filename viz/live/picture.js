// The picture: letters, predictions and every signal under each other, with the same columns; hover, click, keys, zoom.

import { make } from "../browser/format.js";
import { presented } from "../browser/presented.js";
import { Cells } from "./cells.js";
import { Heatmap } from "./heatmap.js";
import { aboutCell } from "./hover_text.js";
import { Letters } from "./letters.js";
import { PredictionsRow, SurpriseRow } from "./predictions_row.js";
import { SpanFrame } from "./span.js";
import { StepAxis } from "./step_axis.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Signal } from "../browser/types" */
/** @import { LiveModel } from "./model.js" */

/**
 * What is shown: a layer of a model that has read, the signals and units that have rows, and what is selected.
 * @typedef {{ model: LiveModel, layer: string, signals: Signal[], scales: Record<string, Scale>, rows: number[],
 *   unit: number, step: number, zoom: [number, number] | null, span: [number, number] | null, focus: number | null, colour: string, probability: Scale, font: string,
 *   inks: Record<string, string> }} Shown
 */

/**
 * @typedef {{ onCell: (step: number, unit: number) => void, onZoom: (zoom: [number, number] | null) => void,
 *   onSpan: (span: [number, number]) => void }} Told
 */

const NEAR = 4; // pixels that a click may move
const ROUND = 300; // pixels of a screen that are above and below the picture
const ROUND_PRESENTED = 226;
const LARGER = 1.5; // type of what is presented
const LEAST = 240; // pixels of all signals together
const MOST = 800; // of these and their heads
const TALLEST = 150; // of one signal
const FEWEST = 34;
const GAP = 4;
const MANY = 64; // rows that no longer fit into FEWEST pixels

export class Picture {
  /**
   * @param {HTMLElement} holder
   * @param {Told} told
   */
  constructor(holder, told) {
    this.holder = holder;
    this.told = told;
    this.axis = new StepAxis();
    this.letters = new Letters();
    this.predictions = new PredictionsRow();
    this.surprise = new SurpriseRow();
    this.cells = new Cells();
    /** @type {Heatmap[]} */
    this.heatmaps = [];
    this.column = make("i", { class: "column", hidden: "" });
    this.band = make("i", { class: "band", hidden: "" });
    this.span = new SpanFrame();
    this.tip = make("div", { class: "tip", role: "status", hidden: "" });
    this.head = make("div", { class: "heads" }, this.letters.element, this.predictions.element, this.surprise.element);
    this.body = make("div", { class: "signals" });
    holder.append(this.head, this.body, this.column, this.span.element, this.band, this.tip);
    /** @type {Shown | null} */
    this.shown = null;
    this.width = 0; // pixels of all columns
    this.left = 0; // pixels left of them
    this.tall = 0; // of a signal
    /** @type {{ x: number, from: number } | null} */
    this.pressed = null;
    this.listen();
  }

  listen() {
    const { holder } = this;
    holder.onpointermove = (event) => this.onMove(event);
    holder.onpointerleave = () => {
      this.tip.hidden = true;
    };
    holder.onpointerdown = (event) => this.onDown(event);
    holder.onpointerup = (event) => this.onUp(event);
    holder.onpointercancel = () => this.release();
    holder.ondblclick = () => this.told.onZoom(null);
    holder.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    new ResizeObserver(() => this.measure()).observe(holder);
  }

  /** How wide the columns are together, and where they begin: asked once, as asking lays out the page. */
  measure() {
    const { clientWidth, offsetLeft } = this.letters.frame;
    if (clientWidth === this.width && offsetLeft === this.left) return;
    this.width = Math.max(clientWidth, 60);
    this.left = offsetLeft;
    if (this.shown) this.paint(this.shown);
  }

  /** @param {Shown} shown */
  paint(shown) {
    this.shown = shown;
    if (!this.width) this.measure();
    const { axis } = this;
    const { model, layer, signals, scales, rows, unit, colour, font, inks } = shown;
    this.build(signals);
    const { zoom, focus } = shown;
    const type = presented() ? LARGER : 1;
    axis.settle({ steps: model.steps, width: this.width, apart: model.facts.apart, zoom, focus, type });
    const units = model.direction(layer).units;
    const own = model.signal(layer, colour);
    const value = (/** @type {number} */ step) => own[step * units + unit];
    const heads = this.letters.paint({
      tokens: model.tokens,
      axis,
      apart: model.facts.apart,
      scale: scales[colour],
      value,
      font,
      ink: inks.ink,
    });
    const drawn = { model, axis, scale: shown.probability, font, inks };
    this.size(rows.length, heads + this.predictions.paint(drawn) + this.surprise.paint(drawn));
    this.cells.fit(axis, { signals: signals.length, tall: this.tall, gap: GAP });
    for (const [place, { name }] of signals.entries()) {
      const means = model.means(layer, name);
      this.cells.draw(place, { values: model.signal(layer, name), means, units, rows, scale: scales[name], axis });
    }
    this.cells.show();
    this.point();
  }

  /** @param {Signal[]} signals */
  build(signals) {
    const names = signals.map(({ name, title }) => name + title).join();
    if (names === this.body.dataset.names) return;
    this.heatmaps = signals.map((signal) => new Heatmap(signal));
    this.body.replaceChildren(this.cells.element, ...this.heatmaps.map(({ element }) => element));
    this.body.dataset.names = names;
  }

  /**
   * All signals fit the screen, below their heads; only where every unit has a row, and there are many, they are taller.
   * @param {number} rows
   * @param {number} heads pixels
   */
  size(rows, heads) {
    const round = presented() ? ROUND_PRESENTED : ROUND;
    const room = Math.max(Math.min(window.innerHeight - round, MOST) - heads, LEAST);
    const share = Math.min(room / Math.max(this.heatmaps.length, 1), TALLEST) - GAP;
    const tall = Math.floor(Math.max(share, rows > MANY ? rows : FEWEST));
    if (tall !== this.tall) this.body.style.setProperty("--tall", `${tall}px`);
    this.tall = tall;
  }

  /** Mark the selected step and unit. */
  point() {
    const { shown, axis } = this;
    if (!shown) return;
    const { step, unit, rows, span } = shown;
    this.span.paint(span, axis, this.left);
    this.column.hidden = !axis.has(step);
    this.column.style.width = `${Math.max(axis.column, 2).toFixed(2)}px`;
    this.column.style.left = `${(this.left + axis.left(step)).toFixed(2)}px`;
    for (const heatmap of this.heatmaps) heatmap.point(rows.indexOf(unit), rows.length, axis.count * axis.column);
  }

  /**
   * The cell under a pointer: its step, and its unit where it lies on a heatmap.
   * @param {MouseEvent} event
   */
  cellAt(event) {
    const { shown, axis } = this;
    const target = event.target instanceof Element ? event.target : null;
    const frame = target?.closest(".frame");
    if (!shown || !frame || !axis.count) return null;
    const box = frame.getBoundingClientRect();
    const x = event.clientX - box.left;
    const area = frame.querySelector(".area")?.getBoundingClientRect();
    const row = area ? Math.floor(((event.clientY - area.top) / area.height) * shown.rows.length) : -1;
    const signal = frame instanceof HTMLElement ? frame.dataset.signal : undefined;
    const beyond = x > axis.column * (axis.count + (axis.open ? 1 : 0));
    return { x, step: axis.at(x), next: x >= axis.column * axis.count, beyond, unit: shown.rows[row], signal, frame };
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    const cell = this.cellAt(event);
    if (this.pressed) {
      this.drag(event);
      return;
    }
    if (!this.shown || !cell || cell.beyond || event.pointerType === "touch") {
      this.tip.hidden = true;
      return;
    }
    this.tip.replaceChildren(...aboutCell(this.shown, cell).map((line) => make("div", {}, line)));
    this.tip.hidden = false;
    const box = this.holder.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const left = x > box.width / 2 ? x - this.tip.offsetWidth - 12 : x + 12;
    this.tip.style.transform = `translate(${left.toFixed(0)}px, ${(y + 14).toFixed(0)}px)`;
  }

  /** @param {PointerEvent} event */
  onDown(event) {
    const cell = this.cellAt(event);
    if (!cell || event.button || cell.beyond) return;
    this.pressed = { x: event.clientX, from: cell.step };
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const { pressed, axis } = this;
    if (!pressed || event.pointerType === "touch" || Math.abs(event.clientX - pressed.x) < NEAR) return;
    if (!this.holder.hasPointerCapture(event.pointerId)) this.holder.setPointerCapture(event.pointerId);
    const [from, to] = this.range(event);
    this.tip.hidden = true;
    this.band.hidden = false;
    this.band.style.left = `${this.left + axis.left(from)}px`;
    this.band.style.width = `${(to - from) * axis.column}px`;
  }

  /**
   * The steps between where the pointer went down and where it is.
   * @param {PointerEvent} event
   * @returns {[from: number, to: number]}
   */
  range(event) {
    const { left } = this.letters.frame.getBoundingClientRect();
    const here = this.axis.at(event.clientX - left);
    const { from } = /** @type {{ from: number }} */ (this.pressed);
    return [Math.min(from, here), Math.max(from, here) + 1];
  }

  /** @param {PointerEvent} event */
  onUp(event) {
    const { pressed } = this;
    if (!pressed || !this.shown) return;
    const moved = !this.band.hidden;
    const range = this.range(event);
    const cell = this.cellAt(event);
    this.release();
    if (event.shiftKey) this.told.onSpan(moved ? range : spanTo(this.shown.step, range));
    else if (moved) this.told.onZoom(this.axis.zoomTo(...range));
    else if (cell) this.told.onCell(cell.step, cell.unit ?? this.shown.unit);
  }

  release() {
    this.pressed = null;
    this.band.hidden = true;
  }

  /** @param {WheelEvent} event */
  onWheel(event) {
    const { axis, shown } = this;
    // Where the page itself has to be scrolled, the wheel does that: it zooms with Ctrl, as in a map.
    const tall = this.holder.getBoundingClientRect().height > window.innerHeight;
    if (!shown || (tall && !event.ctrlKey && !event.deltaX)) return;
    const cell = this.cellAt(event);
    if (!cell) return;
    event.preventDefault();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.told.onZoom(axis.moved(Math.sign(event.deltaX) * Math.max(1, Math.round(axis.count / 20))));
    } else this.told.onZoom(axis.zoomed(event.deltaY < 0 ? 1.2 : 1 / 1.2, cell.step));
  }
}

/**
 * The steps from the selected one to where Shift and a click are, as in a text.
 * @param {number} step
 * @param {[number, number]} clicked
 * @returns {[number, number]}
 */
function spanTo(step, [start, stop]) {
  return [Math.min(step, start), Math.max(step + 1, stop)];
}
