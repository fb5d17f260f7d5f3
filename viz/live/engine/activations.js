// Activation functions, by the names of lstm_core/cells.py.

/**
 * `Activation` in lstm_core/cells.py.
 * @typedef {{ name: string; slope: number; offset: number }} Activation
 */

// Klambauer et al. (2017), eq. 2 and 14: with these two, means of 0 and variances of 1 stay.
const [SCALE, ALPHA] = [1.0507009873554805, 1.6732632423543772];

/** @type {Record<string, (a: number) => number>} */
const FUNCTIONS = {
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  tanh: Math.tanh,
  relu: (a) => Math.max(a, 0),
  softsign: (a) => a / (1 + Math.abs(a)),
  elu: (a) => (a > 0 ? a : Math.expm1(a)),
  selu: (a) => SCALE * (a > 0 ? a : ALPHA * Math.expm1(a)),
  linear: (a) => a,
};

/**
 * The function of a number.
 * @param {Activation} activation
 * @returns {(sum: number) => number}
 */
export function functionOf({ name, slope, offset }) {
  return name === "hard_sigmoid" ? (sum) => Math.min(Math.max(slope * sum + offset, 0), 1) : FUNCTIONS[name];
}

/**
 * @param {Activation} activation
 * @param {number} sum
 */
export function squash(activation, sum) {
  return functionOf(activation)(sum);
}

/**
 * The function of many numbers at once, as a layer needs it: from a place in `sums` on, as many as `values` takes. A loop
 * for each of the two that most cells have, so that the compiler can take the function into it.
 * @typedef {(sums: ArrayLike<number>, from: number, values: Float32Array) => void} Applied
 */

/**
 * @param {Activation} activation
 * @returns {Applied}
 */
export function appliedOf(activation) {
  if (activation.name === "sigmoid") return sigmoids;
  if (activation.name === "tanh") return tanhs;
  const own = functionOf(activation);
  return (sums, from, values) => {
    for (let at = 0; at < values.length; at++) values[at] = own(sums[from + at]);
  };
}

/** @type {Applied} */
function sigmoids(sums, from, values) {
  for (let at = 0; at < values.length; at++) values[at] = 1 / (1 + Math.exp(-sums[from + at]));
}

/**
 * By one exponential: within 1e-15 of Math.tanh, which takes twice as long.
 * @type {Applied}
 */
function tanhs(sums, from, values) {
  for (let at = 0; at < values.length; at++) values[at] = 1 - 2 / (Math.exp(2 * sums[from + at]) + 1);
}
