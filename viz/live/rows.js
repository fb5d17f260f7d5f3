// Which units have a row in the picture, and in which order.

import { mostTelling, rowOrder, TELLING } from "./ordering.js";

/** @import { LiveModel } from "./model.js" */
/** @import { Options } from "./types" */

const EARLY = 8; // steps: rows that were put in order on fewer are put in order again
const KEEPS = { LSTM: "forget", GRU: "update", RNN: "" };

/**
 * @param {LiveModel} model
 * @param {string} layer
 * @param {Pick<Options, "which" | "sort" | "units">} chosen
 */
function rowsOf(model, layer, { which, sort, units: chosen }) {
  const { units, cell } = model.direction(layer);
  const size = { units, steps: model.steps };
  if (!model.steps)
    return Array.from({ length: Math.min(units, which === "all" ? units : TELLING) }, (_, unit) => unit);
  const hidden = model.signal(layer, "hidden");
  const telling = () => mostTelling(hidden, model.tokens.labels, size, units);
  const keeps = KEEPS[cell.type];
  const order =
    sort === "telling" ? telling() : rowOrder({ hidden, keep: keeps ? model.signal(layer, keeps) : null }, sort, size);
  if (which === "all" || (which === "pick" && !chosen.length)) return order;
  const shown = new Set(which === "pick" ? chosen : telling().slice(0, TELLING));
  return order.filter((unit) => shown.has(unit));
}

/** The rows of a page, whose order holds while one types. */
export class OrderedRows {
  /** @type {number[]} */
  rows = [];
  by = ""; // by what they were put in order, and on how many steps
  steps = 0;

  /** Put them in order again when they are asked for next. */
  forget() {
    this.by = "";
  }

  /**
   * @param {LiveModel} model
   * @param {string} layer
   * @param {Pick<Options, "which" | "sort" | "units" | "before">} options
   */
  of(model, layer, { which, sort, units, before }) {
    if (this.rows.length && before && this.by) return this.rows; // as the trained model's, unit for unit
    const by = JSON.stringify([layer, which, sort, units, before ? "" : model.facts.weights]);
    if (this.by === by && (this.steps >= EARLY || model.steps < EARLY)) return this.rows;
    this.rows = rowsOf(model, layer, { which, sort, units });
    this.by = by;
    this.steps = model.steps;
    return this.rows;
  }
}
