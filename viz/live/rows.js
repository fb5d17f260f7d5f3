// Which units have a row, and in which order.

/** @import { LiveModel } from "./model.js" */
/** @import { Options } from "./types" */

export const TELLING = 24; // units that a reader is shown unless they ask for others

/**
 * @param {LiveModel} model
 * @param {string} layer
 * @param {Pick<Options, "which" | "sort" | "units">} chosen
 */
export function rowsOf(model, layer, { which, sort, units }) {
  const every = Array.from({ length: model.direction(layer).units }, (_, unit) => unit);
  const telling = ranked(model, layer);
  const picked = new Set(which === "pick" ? units : which === "all" ? every : telling.slice(0, TELLING));
  const order = sort === "index" ? every : telling;
  return order.filter((unit) => picked.has(unit));
}

/**
 * @param {LiveModel} model
 * @param {string} layer
 */
function ranked(model, layer) {
  const { units } = model.direction(layer);
  const values = model.signal(layer, "hidden");
  const [sums, squares] = [new Float64Array(units), new Float64Array(units)];
  for (let at = 0; at < values.length; at++) {
    sums[at % units] += values[at];
    squares[at % units] += values[at] ** 2;
  }
  const spread = sums.map((sum, unit) => squares[unit] / model.steps - (sum / model.steps) ** 2);
  return Array.from(spread, (_, unit) => unit).sort((one, other) => spread[other] - spread[one] || one - other);
}
