// What the types of cells are made of, and their activations: the names of lstm_core/cells.py.

import { N_ } from "../browser/locale.js";

/** @import { Activation, Cell, CellType } from "./types" */

/**
 * The gates of each type, in the order in which they are explained, with their symbols.
 * @type {Record<CellType, Record<string, string>>}
 */
export const SYMBOLS = {
  LSTM: { forget: "f", input: "i", candidate: "g", output: "o" },
  GRU: { reset: "r", update: "z", candidate: "n" },
  RNN: { hidden: "h" },
};
/**
 * The short names of signals.
 * @type {Record<string, string>}
 */
export const NAMES = {
  forget: N_("forget"),
  input: N_("input"),
  candidate: N_("candidate"),
  output: N_("output"),
  reset: N_("reset"),
  update: N_("update"),
  cell: N_("cell"),
  hidden: N_("hidden"),
};

/** @type {Record<string, string>} */
const WRITTEN = { sigmoid: "σ", hard_sigmoid: "hard\u00a0σ", linear: "" };

/**
 * An activation's name before a parenthesis.
 * @param {Activation} activation
 */
export function written({ name }) {
  return WRITTEN[name] ?? name;
}

/**
 * Which activation squashes the sum of a gate, or of what else is computed like one?
 * @param {Cell} cell
 * @param {string} gate
 */
export function activationOf(cell, gate) {
  return gate === "candidate" || gate === "hidden" ? cell.candidate : cell.gate;
}
