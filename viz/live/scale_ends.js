// The ends of a signal's colour scale on one text, as `limits` in viz/theme.py finds them.

/** @import { Ends, Numbers } from "../browser/types" */

const SHARE = 0.98; // of |c| that lies within: one extreme unit does not pale the rest
const LEAST_CELL = 0.01;
const ROUND = [1, 2, 3, 5, 8, 10];
const ROUNDING = 1 + 1e-9;

/**
 * Gates from 0 to 1; candidate and hidden state from -1 to 1 unless they go beyond; the cell state as far as it goes.
 * @param {{ name: string; gate: boolean }} signal
 * @param {Float32Array[]} arrays its values in all models that are shown
 * @returns {Ends}
 */
export function endsOf({ name, gate }, arrays) {
  if (gate) return [0, 1];
  if (name !== "cell" && arrays.every((values) => furthest(values) <= 1)) return [-1, 1];
  const reach = Math.max(...arrays.map(percentile));
  const high = name === "cell" ? rounded(reach > 0 ? Math.max(reach, LEAST_CELL) : 0) : reach > 1 ? rounded(reach) : 1;
  return [-high, high];
}

/**
 * The largest finite distance from 0.
 * @param {Numbers} values
 */
function furthest(values) {
  let most = 0;
  for (let at = 0; at < values.length; at++) {
    const size = Math.abs(values[at]);
    if (size > most && size < Number.POSITIVE_INFINITY) most = size;
  }
  return most;
}

/**
 * The 98th percentile of the finite distances from 0, or a round number that `rounded` takes to the same end: that is found
 * by counting, and sorting all values at each key would be the slowest part of it.
 * @param {Numbers} values
 */
function percentile(values) {
  const most = furthest(values);
  let high = rounded(Math.max(most, LEAST_CELL));
  for (let end = roundedDown(high); end >= LEAST_CELL / 2; end = roundedDown(end)) {
    const within = isWithin(values, end);
    if (within === null) return exactly(values);
    if (!within) break;
    high = end;
  }
  return most > 0 ? high : 0;
}

/**
 * Does the percentile lie within that distance? null where only its exact value tells.
 * @param {Numbers} values
 * @param {number} end
 */
function isWithin(values, end) {
  let [within, known] = [0, 0];
  const limit = end * ROUNDING;
  for (let at = 0; at < values.length; at++) {
    const size = Math.abs(values[at]);
    if (size <= limit) within++;
    if (size < Number.POSITIVE_INFINITY) known++;
  }
  const rank = SHARE * (known - 1);
  if (within > Math.ceil(rank)) return true;
  return within <= Math.floor(rank) ? false : null;
}

/**
 * The percentile itself, between two ranks as numpy has it.
 * @param {Numbers} values
 */
function exactly(values) {
  const known = Float32Array.from(values, Math.abs).filter(Number.isFinite).sort();
  const place = SHARE * (known.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, known.length - 1);
  return known[below] + (known[above] - known[below]) * (place - below);
}

/**
 * The next of 1, 2, 3, 5, 8 times a power of ten; 1 for nothing at all.
 * @param {number} value
 */
function rounded(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = ROUND.find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(12));
}

/**
 * The one before of 1, 2, 3, 5, 8 times a power of ten.
 * @param {number} end
 */
function roundedDown(end) {
  const power = 10 ** Math.floor(Math.log10(end * ROUNDING));
  const step = ROUND.findLast((one) => one * power < end * (1 - 1e-9)) ?? 0.8;
  return Number((step * power).toPrecision(12));
}
