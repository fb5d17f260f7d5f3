// The ends of a signal's colour scale on one text, as `limits` in viz/theme.py finds them.

/** @import { Ends, Numbers } from "../browser/types" */

const PERCENTILE = 0.98; // of |c|: one extreme unit does not pale the rest
const LEAST_CELL = 0.01;
const ROUND = [1, 2, 3, 5, 8, 10];

/**
 * Gates from 0 to 1; candidate and hidden state from -1 to 1 unless they go beyond; the cell state as far as it goes.
 * @param {{ name: string; gate: boolean }} signal
 * @param {Float32Array[]} arrays its values in all models that are shown
 * @returns {Ends}
 */
export function endsOf({ name, gate }, arrays) {
  if (gate) return [0, 1];
  if (name !== "cell" && arrays.every((values) => values.every((value) => Math.abs(value) <= 1))) return [-1, 1];
  const reach = Math.max(...arrays.map(percentile));
  const high = name === "cell" ? rounded(reach > 0 ? Math.max(reach, LEAST_CELL) : 0) : reach > 1 ? rounded(reach) : 1;
  return [-high, high];
}

/**
 * The 98th percentile of the finite distances from 0, between its two neighbours as numpy interpolates; 0 for none.
 * @param {Numbers} values
 */
function percentile(values) {
  const known = Float32Array.from(values, Math.abs).filter(Number.isFinite);
  if (!known.length) return 0;
  const place = PERCENTILE * (known.length - 1);
  const at = Math.floor(place);
  const [low, high] = [at, Math.min(at + 1, known.length - 1)].map((rank) => ranked(known, rank));
  return low + (high - low) * (place - at);
}

/**
 * The number that stands at a rank when all are sorted, found by the upper and then the lower half of its bits: those
 * of numbers that are not negative rise with them.
 * @param {Float32Array} values at least 0
 * @param {number} rank
 */
function ranked(values, rank) {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let [left, upper] = [rank, 0];
  const halves = [(/** @type {number} */ one) => one >>> 16, (/** @type {number} */ one) => one & 0xffff];
  const found = halves.map((half, second) => {
    const counts = new Uint32Array(1 << 16);
    for (const one of bits) if (!second || one >>> 16 === upper) counts[half(one)]++;
    let at = 0;
    for (; counts[at] <= left; at++) left -= counts[at];
    upper = second ? upper : at;
    return at;
  });
  return new Float32Array(Uint32Array.of(((found[0] << 16) | found[1]) >>> 0).buffer)[0];
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
