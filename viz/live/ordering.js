// Which units are shown, and in which order? As lstm_core/analysis/ordering.py and telling.py, unit for unit.

import { leafOrder } from "./leaf_order.js";
import { averageLinkage } from "./linkage.js";

/** @import { Options } from "./types" */
/** @typedef {{ units: number, steps: number }} Size of a signal: (step, unit), row by row */
/** @typedef {{ rows: Float64Array, spread: Float64Array, known: boolean[] }} Centred (unit, step), each less its mean */

export const TELLING = 24; // rows that a reader can take in at once
const STILL = 1e-9; // a standard deviation below this is rounding: the unit never changes
const GRAINS = 1e9; // distances are whole numbers of 1e-9, so that rounding decides no order

/**
 * The units in the order of a heatmap's rows, from the top: see `row_order` in lstm_core/analysis/ordering.py.
 * @param {{ hidden: Float32Array, keep?: Float32Array | null }} signals `keep` is the forget gate, or a GRU's update gate
 * @param {Exclude<Options["sort"], "telling">} by for "telling" see `mostTelling`
 * @param {Size} size
 * @returns {number[]}
 */
export function rowOrder({ hidden, keep }, by, size) {
  switch (by) {
    case "index":
      return indices(size.units);
    case "variability":
      return largestFirst(centred(hidden, size));
    case "similarity":
      return bySimilarity(centred(hidden, size), size.steps);
    case "timescale":
      return keep ? byGate(keep, centred(hidden, size).known, size) : byItself(centred(hidden, size), size.steps);
    default:
      throw new Error(`rows cannot be ordered by ${by}`);
  }
}

/**
 * The units that tell most about this text, whose output varies with more than the token that was just read: see
 * `most_telling` in lstm_core/analysis/telling.py.
 * @param {Float32Array} hidden
 * @param {readonly string[]} tokens the label of each step
 * @param {Size} size
 * @param {number} [count]
 */
export function mostTelling(hidden, tokens, size, count = TELLING) {
  const { units, steps } = size;
  const { rows, known } = centred(hidden, size);
  const { numbers, times } = numbered(tokens);
  const [lasting, sums] = [new Float64Array(rows.length), new Float64Array(times.length)];
  for (let unit = 0; unit < units; unit++) {
    const row = rows.subarray(unit * steps, (unit + 1) * steps);
    sums.fill(0);
    for (let step = 0; step < steps; step++) sums[numbers[step]] += row[step];
    let before = 0;
    for (let step = 0; step < steps; step++) {
      const others = times[numbers[step]] - 1;
      const left = others ? row[step] - (sums[numbers[step]] - row[step]) / others : row[step];
      lasting[unit * steps + step] = step ? (left + before) / 2 : left;
      before = left;
    }
  }
  return largestFirst({ spread: spreads(lasting, size), known }).slice(0, count);
}

/**
 * The number of each step's token, the same for the same token, and how often each token comes.
 * @param {readonly string[]} tokens
 */
function numbered(tokens) {
  const found = new Map();
  /** @type {number[]} */
  const times = [];
  const numbers = tokens.map((token) => {
    if (!found.has(token)) found.set(token, found.size);
    const number = found.get(token);
    times[number] = (times[number] ?? 0) + 1;
    return number;
  });
  return { numbers, times };
}

/**
 * @param {Centred} signal
 * @param {number} steps
 */
function bySimilarity({ rows, spread, known }, steps) {
  const every = indices(spread.length);
  let moving = every.filter((unit) => spread[unit] > STILL);
  if (moving.length > 2) {
    const distances = distancesOf(moving, rows, steps);
    moving = leafOrder(averageLinkage(distances, moving.length), distances).map((leaf) => moving[leaf]);
  }
  const still = every.filter((unit) => !(spread[unit] > STILL));
  return [...moving, ...still.filter((unit) => known[unit]), ...still.filter((unit) => !known[unit])];
}

/**
 * 1 - the Pearson correlation of each with each, in whole numbers of 1e-9.
 * @param {number[]} moving units
 * @param {Float64Array} rows (unit, step)
 * @param {number} steps
 */
function distancesOf(moving, rows, steps) {
  const [found, count] = [new Float64Array(moving.length ** 2), moving.length];
  const unitRows = moving.map((unit) => {
    const row = rows.subarray(unit * steps, (unit + 1) * steps);
    const length = Math.sqrt(product(row, row, 0));
    return row.map((value) => value / length);
  });
  for (let one = 0; one < count; one++) {
    for (let other = 0; other < one; other++) {
      const distance = Math.max(0, Math.round((1 - product(unitRows[one], unitRows[other], 0)) * GRAINS));
      found[one * count + other] = distance;
      found[other * count + one] = distance;
    }
  }
  return found;
}

/**
 * The sum of one[t + lag] * other[t].
 * @param {Float64Array} one
 * @param {Float64Array} other
 * @param {number} lag
 */
function product(one, other, lag) {
  let sum = 0;
  for (let step = lag; step < one.length; step++) sum += one[step] * other[step - lag];
  return sum;
}

/**
 * By the mean of ln f: the unit that remembers longest comes first.
 * @param {Float32Array} keep
 * @param {boolean[]} known
 * @param {Size} size
 */
function byGate(keep, known, { units, steps }) {
  const sums = new Float64Array(units);
  for (let at = 0; at < steps * units; at++) sums[at % units] += Math.log(keep[at]);
  return sorted(sums, (unit) => (known[unit] && !Number.isNaN(sums[unit]) ? 0 : 1));
}

/**
 * By the autocorrelation from one step to the next: the unit that follows itself best comes first.
 * @param {Centred} signal
 * @param {number} steps
 */
function byItself({ rows, spread, known }, steps) {
  const follows = spread.map((one, unit) => {
    const row = rows.subarray(unit * steps, (unit + 1) * steps);
    return one > STILL ? product(row, row, 1) / product(row, row, 0) : 0;
  });
  return sorted(follows, (unit) => (known[unit] ? (spread[unit] > STILL ? 0 : 1) : 2));
}

/** @param {{ spread: Float64Array, known: boolean[] }} signal */
function largestFirst({ spread, known }) {
  const moving = spread.map((one) => (one > STILL ? one : 0));
  return sorted(moving, (unit) => (known[unit] ? 0 : 1));
}

/**
 * Units by class, then the largest value first, then by index.
 * @param {Float64Array} values
 * @param {(unit: number) => number} rank the class
 */
function sorted(values, rank) {
  const ranks = indices(values.length).map(rank);
  return indices(values.length).sort(
    (one, other) =>
      ranks[one] - ranks[other] || Number(values[one] < values[other]) - Number(values[one] > values[other]),
  );
}

/**
 * @param {Float32Array} signal
 * @param {Size} size
 * @returns {Centred}
 */
function centred(signal, size) {
  const { units, steps } = size;
  const [rows, known] = [new Float64Array(units * steps), Array(units).fill(true)];
  for (let unit = 0; unit < units; unit++) {
    let sum = 0;
    for (let at = unit; at < steps * units; at += units) sum += signal[at];
    known[unit] = Number.isFinite(sum);
    if (!known[unit]) continue;
    for (let step = 0; step < steps; step++) rows[unit * steps + step] = signal[step * units + unit] - sum / steps;
  }
  return { rows, spread: spreads(rows, size), known };
}

/**
 * The standard deviation of each row.
 * @param {Float64Array} rows (unit, step)
 * @param {Size} size
 */
function spreads(rows, { units, steps }) {
  const found = new Float64Array(units);
  for (let unit = 0; unit < units; unit++) {
    const row = rows.subarray(unit * steps, (unit + 1) * steps);
    let [mean, sum] = [0, 0];
    for (const value of row) mean += value / steps;
    for (const value of row) sum += (value - mean) ** 2;
    found[unit] = Math.sqrt(sum / steps);
  }
  return found;
}

/** @param {number} count */
function indices(count) {
  return Array.from({ length: count }, (_, at) => at);
}
