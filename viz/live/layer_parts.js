// One layer as the stepper takes it: its weights, and what it reads and computes at every step, as viz/step/payload.py
// makes them of a recording. Nothing is copied that the model keeps.

/** @import { Facts } from "../browser/types" */
/** @import { Tensor } from "./engine/safetensors.js" */
/** @import { LiveModel } from "./model.js" */

/** @typedef {{ facts: Facts & { gates: string[] }; arrays: Record<string, Float32Array> }} WeightsPart */

/** The gates of each type of cell in the order in which their weights lie, as `gates` in lstm_core/cells.py. */
const GATES = {
  LSTM: ["input", "forget", "candidate", "output"],
  GRU: ["reset", "update", "candidate"],
  RNN: ["hidden"],
};

/**
 * W, U and b of a layer, and what else its cell has.
 * @param {LiveModel} model
 * @param {Record<string, Tensor>} tensors its model.safetensors
 * @param {string} layer
 * @returns {WeightsPart}
 */
export function weightsPart(model, tensors, layer) {
  const { cell, units } = model.direction(layer);
  const gates = GATES[cell.type];
  const of = (/** @type {string} */ kind) => tensors[`lstm.${kind}_l${layer.replace("layer", "")}`];
  const rows = gates.length * units;
  const [one, other] = [of("bias_ih"), of("bias_hh")].map((bias) => bias?.values ?? new Float32Array(rows));
  const apart = cell.type === "GRU"; // the reset gate is for one of the two alone
  /** @type {Record<string, Float32Array>} */
  const arrays = {
    weight_ih: of("weight_ih").values,
    weight_hh: of("weight_hh").values,
    bias: apart ? one : one.map((value, row) => value + other[row]),
  };
  if (apart) arrays.recurrent_bias = other;
  const peephole = of("peephole");
  if (peephole) arrays.peephole = peephole.values;
  /** @type {Record<string, number[]>} */
  const shapes = { bias: [gates.length, units] };
  for (const name of ["weight_ih", "weight_hh"]) shapes[name] = [gates.length, units, arrays[name].length / rows];
  if (apart) shapes.recurrent_bias = shapes.bias;
  if (peephole) shapes.peephole = peephole.shape;
  return { facts: { gates, shapes }, arrays };
}

/**
 * All signals of a layer over (step, unit), and the states from which it sets out.
 * @param {LiveModel} model
 * @param {string} layer
 * @returns {{ shapes: Facts["shapes"]; arrays: Record<string, Float32Array> }}
 */
export function signalsPart(model, layer) {
  const direction = model.direction(layer);
  /** @type {Record<string, Float32Array>} */
  const arrays = {};
  /** @type {Facts["shapes"]} */
  const shapes = {};
  for (const name of Object.keys(direction.signals)) {
    arrays[name] = model.signal(layer, name);
    shapes[name] = [model.steps, name === "projected" ? direction.size : direction.units];
  }
  for (const name of "cell" in arrays ? [direction.output, "cell"] : [direction.output]) {
    arrays[`before_${name}`] = name === "cell" ? direction.empty : direction.nothing;
    shapes[`before_${name}`] = [shapes[name][1]];
  }
  return { shapes, arrays };
}

/**
 * What a layer reads at a step: an embedding, numbers, or what the layer below outputs.
 * @param {LiveModel} model
 * @param {string} layer
 * @param {number} step
 */
export function readAt(model, layer, step) {
  return model.network.layers[layerNumber(layer)].inputs.row(step);
}

/**
 * Which layer from the bottom, from 0?
 * @param {string} layer
 */
export function layerNumber(layer) {
  return Number.parseInt(layer.replace("layer", ""), 10);
}
