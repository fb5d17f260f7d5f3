// A recording in place of a model: it reads only the text that was recorded, and has its own numbers of that.

import { LiveModel } from "./model.js";

/** @import { Network } from "./engine/network.js" */
/** @import { ModelFacts } from "./types" */

/**
 * `recorded` in viz/live/recorded.py.
 * @typedef {object} Recorded
 * @property {string[]} labels
 * @property {number[]} groups
 * @property {number[]} ids
 * @property {Record<string, RecordedLayer>} layers
 * @property {DataView} predictions
 * @property {DataView} came
 */

/**
 * @typedef {{ cell: import("./engine/direction.js").Cell, reverse: boolean, units: number,
 *   signals: Record<string, DataView>, initial: Record<string, DataView> }} RecordedLayer
 */

/**
 * @param {ModelFacts} facts
 * @param {Recorded} recorded
 * @returns {LiveModel}
 */
export function recordedModel(facts, { labels, groups, ids, layers, predictions, came }) {
  const directions = Object.fromEntries(
    Object.entries(layers).map(([name, layer]) => [name, directionOf(layer, labels.length)]),
  );
  const network = /** @type {unknown} */ ({ directions, read() {}, output: () => new Float32Array(0) });
  const model = new LiveModel(facts, new ArrayBuffer(0), /** @type {Network} */ (network));
  const tokens = { ids, values: null, labels, groups };
  model.encode = () => tokens;
  model.tokens = tokens;
  model.predictions = rows(predictions, labels.length);
  const values = rows(came, labels.length);
  model.valuesCame = (step) => values[step] ?? new Float64Array([Number.NaN]);
  return model;
}

/**
 * @param {RecordedLayer} layer
 * @param {number} steps
 */
function directionOf({ cell, reverse, units, signals, initial }, steps) {
  const found = Object.fromEntries(Object.entries(signals).map(([name, bytes]) => [name, numbers(bytes)]));
  const size = found.projected && steps ? found.projected.length / steps : units;
  const width = (/** @type {string} */ name) => (name === "projected" ? size : units);
  return {
    ...{ cell, reverse, units, size, signals: found },
    empty: initial.cell ? numbers(initial.cell) : new Float32Array(units),
    nothing: numbers(initial.hidden),
    column: (/** @type {string} */ name, /** @type {number} */ step) =>
      found[name].subarray(step * width(name), (step + 1) * width(name)),
  };
}

/** @param {DataView} bytes */
function numbers({ buffer, byteOffset, byteLength }) {
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/**
 * @param {DataView} bytes
 * @param {number} steps
 */
function rows(bytes, steps) {
  const all = numbers(bytes);
  const wide = steps ? all.length / steps : 0;
  return Array.from({ length: wide ? steps : 0 }, (_, step) =>
    Float64Array.from(all.subarray(step * wide, (step + 1) * wide)),
  );
}
