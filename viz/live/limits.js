// Which values the ends of a signal's colour scale stand for, as `limits` in viz/theme.py has it.

/** @import { Ends, Signal } from "../browser/types" */

const LEAST_CELL = 0.01; // below it next to nothing would be drawn as large as what matters
const SHARE = 0.98; // of |values| lie within: one extreme unit does not pale the rest
const ROUND = [1, 2, 3, 5, 8, 10];

/**
 * @param {Signal} signal
 * @param {Float32Array} values
 * @returns {Ends}
 */
export function limitsOf({ name, gate }, values) {
  if (gate) return [0, 1];
  if (name !== "cell" && values.every((value) => !(Math.abs(value) > 1))) return [-1, 1];
  const reach = percentile(values);
  const high =
    name === "cell" ? roundedUp(reach > 0 ? Math.max(reach, LEAST_CELL) : 0) : reach > 1 ? roundedUp(reach) : 1;
  return [-high, high];
}

/**
 * The next of 1, 2, 3, 5, 8 times a power of ten; 1 for nothing at all.
 * @param {number} value
 */
export function roundedUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = ROUND.find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(12));
}

/**
 * The 98th percentile of the distances from 0 of what is finite, between two ranks as numpy has it.
 * @param {Float32Array} values
 */
function percentile(values) {
  const known = values.map(Math.abs).filter(Number.isFinite).sort();
  if (!known.length) return 0;
  const rank = SHARE * (known.length - 1);
  const below = Math.floor(rank);
  const above = Math.min(below + 1, known.length - 1);
  return known[below] + (rank - below) * (known[above] - known[below]);
}
