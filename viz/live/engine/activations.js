// Activation functions, by the names of lstm_core/cells.py.

/**
 * `Activation` in lstm_core/cells.py.
 * @typedef {{ name: string; slope: number; offset: number }} Activation
 */

/** @type {Record<string, (a: number) => number>} */
const FUNCTIONS = {
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  tanh: Math.tanh,
  relu: (a) => Math.max(a, 0),
  softsign: (a) => a / (1 + Math.abs(a)),
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
