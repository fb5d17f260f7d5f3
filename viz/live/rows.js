// Which units have a row in the picture, and in which order.

import { mostTelling, rowOrder, TELLING } from "./ordering.js";

/** @import { LiveModel } from "./model.js" */
/** @import { Options } from "./types" */

const KEEPS = { LSTM: "forget", GRU: "update", RNN: "" };

/**
 * @param {LiveModel} model
 * @param {string} layer
 * @param {Pick<Options, "which" | "sort" | "units">} chosen
 */
export function rowsOf(model, layer, { which, sort, units: chosen }) {
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
