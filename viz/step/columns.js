// All units of a layer as thin columns of pixels, one beside each gate: canvases laid over the diagram.

import { Pixels } from "../browser/canvas.js";
import { fixed, make, shape } from "../browser/format.js";
import { _, fill, N_ } from "../browser/locale.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Reading } from "./reading.js" */
/** @import { Column, ColumnPlace, Layer, PaintedColumn, Told } from "./types" */

const THICK = 12;
/** @type {Record<string, string>} */
const EARLIER = { cell_before: "cell", hidden_before: "hidden" };
/** @type {Record<string, string>} */
const TITLES = {
  cell_before: N_("previous cell state"),
  hidden_before: N_("previous hidden state"),
  cell: N_("cell state"),
  hidden: N_("hidden state"),
  candidate: N_("candidate"),
  forget: N_("forget gate"),
  input: N_("input gate"),
  output: N_("output gate"),
  reset: N_("reset gate"),
  update: N_("update gate"),
};

export class Columns {
  /**
   * `places` gives each column's left, top and height in the units of a `width` x `height` picture.
   * @param {Record<string, ColumnPlace>} places
   * @param {{ width: number; height: number; onUnit: Told["onUnit"] }} picture
   */
  constructor(places, { width, height, onUnit }) {
    this.units = 1;
    /** @type {number | null} */
    this.unit = null;
    /** @type {{ reading: Reading; step: number } | null} */
    this.shown = null;
    /** @type {PaintedColumn[]} */
    this.painted = [];
    this.tip = make("div", { class: "tip", hidden: "" });
    /** @type {Column[]} */
    this.columns = Object.entries(places).map(([name, [left, top, tall]]) => {
      const title = _(TITLES[name]);
      const label = fill(_("{signal} of all units"), { signal: title });
      const canvas = make("canvas", { width: 1, class: "column", role: "img", "aria-label": label });
      canvas.style.left = `${(left / width) * 100}%`;
      canvas.style.top = `${(top / height) * 100}%`;
      canvas.style.width = `${(THICK / width) * 100}%`;
      canvas.style.height = `${(tall / height) * 100}%`;
      canvas.onclick = (event) => this.sourceOf(name) !== "projected" && onUnit(this.unitAt(canvas, event));
      canvas.onpointermove = (event) => this.point(name, title, canvas, event);
      canvas.onpointerleave = () => {
        this.tip.hidden = true;
      };
      const mark = shape("path", { class: "mark", d: `M${left - 7} -4.5L${left - 1} 0L${left - 7} 4.5z` });
      return { name, canvas, mark, top, tall, signal: EARLIER[name] ?? name };
    });
    this.canvases = this.columns.map((column) => column.canvas);
    this.marks = this.columns.map((column) => column.mark);
  }

  /**
   * @param {Record<string, Scale>} scales
   * @param {Layer} layer
   */
  paint(scales, { units, cell }) {
    this.units = units;
    this.unit = null;
    this.painted = this.columns.map((column) => {
      const projected = column.name === "hidden_before" && cell.projection > 0;
      const rows = projected ? cell.projection : units;
      column.canvas.classList.toggle("fine", rows > column.tall);
      column.mark.style.display = projected ? "none" : "";
      const source = projected ? "projected" : column.signal;
      return { ...column, source, scale: scales[column.signal], pixels: new Pixels(column.canvas, 1, rows) };
    });
  }

  /**
   * @param {Reading} reading
   * @param {number} step
   * @param {number} unit
   */
  update(reading, step, unit) {
    this.shown = { reading, step };
    for (const column of this.painted) {
      const earlier = column.name !== column.signal;
      const values = earlier ? reading.columnBefore(column.source, step) : reading.column(column.signal, step);
      const { pixels, scale } = column;
      const { colours } = pixels;
      const levels = values instanceof Uint8Array;
      for (let one = 0; one < values.length; one++)
        colours[one] = scale.packed[levels ? values[one] : scale.level(values[one])];
      pixels.paint();
    }
    if (unit === this.unit) return;
    this.unit = unit;
    for (const { mark, top, tall } of this.columns) {
      mark.setAttribute("transform", `translate(0 ${top + ((unit + 0.5) / this.units) * tall})`);
    }
  }

  /** @param {string} name */
  sourceOf(name) {
    return this.painted.find((column) => column.name === name)?.source ?? name;
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {MouseEvent} event
   */
  unitAt(canvas, event) {
    const box = canvas.getBoundingClientRect();
    const unit = Math.floor(((event.clientY - box.top) / box.height) * canvas.height);
    return Math.min(Math.max(unit, 0), canvas.height - 1);
  }

  /**
   * @param {string} name
   * @param {string} title
   * @param {HTMLCanvasElement} canvas
   * @param {PointerEvent} event
   */
  point(name, title, canvas, event) {
    if (!this.shown) return;
    const { reading, step } = this.shown;
    const unit = this.unitAt(canvas, event);
    const source = this.sourceOf(name);
    const value = EARLIER[name] ? reading.columnBefore(source, step)[unit] : reading.value(name, step, unit);
    const sentence =
      source === "projected" ? _("previous output, number {unit}: {value}") : _("unit {unit}: {signal} {value}");
    this.tip.textContent = fill(sentence, { unit, signal: title, value: fixed(value) });
    this.tip.hidden = false;
    const box = /** @type {HTMLElement} */ (canvas.parentElement).getBoundingClientRect();
    const left = event.clientX - box.left;
    this.tip.style.left = `${Math.min(left + 12, box.width - this.tip.offsetWidth)}px`;
    this.tip.style.top = `${event.clientY - box.top + 14}px`;
  }
}
