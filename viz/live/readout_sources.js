// What the readout reads after a step, unit by unit: where that is a sum, every logit is one too.

/** @import { LiveModel } from "./model.js" */

/**
 * A number that the readout reads: a unit's output, or one of the numbers that a layer projects its units to. The readout's
 * weights of it are in a column, and count by a share where two directions are averaged.
 * @typedef {{ layer: string, unit: number, output: number, column: number, share: number }} Source
 */

/**
 * Why is an output of the readout no sum over units? A recording comes without weights, some models without a readout,
 * merged by "mul" two directions are multiplied, and a ReLU, mean or maximum of two directions' sum is no sum of theirs.
 * @typedef {"" | "nothing" | "unknown" | "product" | "merged"} Obstacle
 */

/**
 * @param {LiveModel} model
 * @returns {Obstacle}
 */
export function obstacleOf({ network, facts }) {
  if (facts.config.readout.kind === "nothing") return "nothing";
  if (!network.readoutWeights) return "unknown";
  const top = topOf(network);
  if (Object.keys(top.directions).length < 2 || top.merge === "concat") return "";
  if (top.merge === "mul") return "product";
  return ["relu", "mean", "max"].includes(network.between) ? "merged" : "";
}

/**
 * Each number that the readout reads after a step. Only where there is no obstacle.
 * @param {LiveModel} model
 * @param {number} step
 * @returns {Source[]}
 */
export function sourcesOf({ network }, step) {
  const { directions, merge, ends, size } = topOf(network);
  const every = Object.entries(directions);
  const apart = every.length < 2 || merge === "concat";
  return every.flatMap(([layer, direction], place) => {
    const last = ends && direction.reverse; // as `merged` in engine/network.js
    const first = apart ? place * size : 0;
    const outputs = apart
      ? network.top(step).subarray(first, first + size) // as it is read: of the unit so far the mean, say
      : direction.column(direction.output, last ? 0 : step);
    const share = !apart && merge === "ave" ? 1 / 2 : 1;
    return Array.from(outputs, (output, unit) => ({ layer, unit, output, column: first + unit, share }));
  });
}

/**
 * Does the layer below the readout project its units to fewer numbers?
 * @param {LiveModel} model
 */
export function projects({ network }) {
  return Object.values(topOf(network).directions).some(({ output }) => output === "projected");
}

/**
 * The weight of a source for one of the readout's outputs.
 * @param {LiveModel} model
 * @param {Source} source
 * @param {number} row of the output
 */
export function weightOf({ network, facts }, { column, share }, row) {
  const { readout } = facts.config;
  const scale = readout.kind === "values" ? readout.spread[row] : 1; // numbers are in their own units
  return network.readoutWeights[row * (network.readoutWeights.length / network.outputs) + column] * share * scale;
}

/** @param {LiveModel["network"]} network */
function topOf({ layers }) {
  return layers[layers.length - 1];
}
