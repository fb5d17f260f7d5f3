// What the server has sent of a window of steps, step by step, as the live model gives it.

/** @import { Foreseen } from "../live/foreseen.js" */
/** @import { Numbers } from "../browser/types" */
/** @import { RecordingFacts } from "./types" */

/**
 * What the layer reads at each step.
 * @param {{ facts: RecordingFacts; arrays: Record<string, Numbers> }} recording
 * @returns {(step: number) => Float32Array}
 */
export function sentInput({ facts, arrays }) {
  const features = facts.shapes.read[1];
  const read = /** @type {Float32Array} */ (arrays.read);
  return (step) => {
    const from = arrays.row[step - facts.start] * features;
    return read.subarray(from, from + features);
  };
}

/**
 * @param {{ facts: RecordingFacts; arrays: Record<string, Numbers> }} recording
 * @returns {Foreseen}
 */
export function sentPredictions({ facts, arrays }) {
  return {
    expected: (step) => {
      if (facts.kind === "values" || facts.kind === "nothing") return [];
      const { likeliest, shapes } = facts;
      const ranks = shapes.expected[1];
      const from = (step - facts.start) * ranks;
      return Array.from({ length: ranks }, (_, rank) => ({
        class: arrays.expected[from + rank],
        chance: arrays.probability[from + rank],
        before: arrays.probability_before[from + rank],
        fallen: rank >= likeliest,
      }));
    },
    values: (step) => {
      if (facts.kind !== "values") return [];
      const { length } = facts.names;
      const from = (step - facts.start) * length;
      const { value, value_before, value_came } = arrays;
      return Array.from({ length }, (_, at) => ({
        value: value[from + at],
        before: value_before[from + at],
        came: value_came ? value_came[from + at] : Number.NaN,
      }));
    },
    came: (step) => (arrays.came ? arrays.came[step - facts.start] : -1),
    surprise: (step) => (arrays.surprise ? arrays.surprise[step - facts.start] : Number.NaN),
  };
}
