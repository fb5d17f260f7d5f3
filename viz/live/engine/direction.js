// One direction of one recurrent layer: the equations of lstm_core/cells.py, step by step, with every signal kept.

import { appliedOf } from "./activations.js";

/** @import { Activation, Applied } from "./activations.js" */
/** @import { Kernel } from "./kernel.js" */

/**
 * `Cell` in lstm_core/cells.py.
 * @typedef {{ type: "LSTM" | "GRU" | "RNN", gate: Activation, candidate: Activation, shown: Activation, clip: number,
 *   reset_after: boolean }} Cell
 */

/**
 * `Weights` in lstm_core/weights.py, row by row.
 * @typedef {{ weight_ih: Float32Array, weight_hh: Float32Array, bias_ih?: Float32Array, bias_hh?: Float32Array,
 *   projection?: Float32Array, peephole?: Float32Array, initial_hidden?: Float32Array, initial_cell?: Float32Array }} Weights
 */

/**
 * What a layer reads: the numbers of a step, and, where many steps have the same, a number for them.
 * @typedef {{ row: (step: number) => Float32Array, key?: (step: number) => number }} Inputs
 */

/**
 * Changes a signal of all units at a step in place, once the equations have found it and before anything is computed
 * from it.
 * @typedef {(signal: string, step: number, values: Float32Array) => void} Edit
 */

/** @type {Record<Cell["type"], string[]>} */
const SIGNALS = {
  LSTM: ["input", "forget", "candidate", "output", "cell", "hidden"],
  GRU: ["reset", "update", "candidate", "hidden"],
  RNN: ["hidden"],
};
const GATES = { LSTM: 4, GRU: 3, RNN: 1 };

export class Direction {
  /**
   * @param {Kernel} kernel
   * @param {{ cell: Cell, units: number, features: number, reverse: boolean, weights: Weights }} layout
   */
  constructor(kernel, { cell, units, features, reverse, weights }) {
    this.cell = cell;
    this.units = units;
    this.reverse = reverse;
    this.rows = GATES[cell.type] * units;
    this.size = weights.projection ? weights.projection.length / units : units; // numbers that it outputs at a step
    this.peephole = weights.peephole;
    this.fromInput = kernel.matrix(weights.weight_ih, this.rows, features);
    // A reset gate before the product makes a vector of its own for the candidate.
    const apart = cell.type === "GRU" && !cell.reset_after ? 2 * units : this.rows;
    const heard = weights.weight_hh.subarray(0, apart * this.size);
    this.fromHidden = kernel.matrix(heard, apart, this.size);
    this.fromReset = apart < this.rows ? kernel.matrix(weights.weight_hh.subarray(heard.length), units, units) : null;
    this.projection = weights.projection ? kernel.matrix(weights.projection, this.size, units) : null;
    this.bias = weights.bias_ih ?? new Float32Array(this.rows);
    this.recurrentBias = weights.bias_hh ?? new Float32Array(this.rows);
    this.activations = {
      gate: appliedOf(cell.gate),
      candidate: appliedOf(cell.candidate),
      shown: appliedOf(cell.shown),
    };
    /** @type {Map<number, Float32Array>} */
    this.known = new Map(); // W x + b, by the key of x
    this.heard = new Float32Array(this.rows);
    this.sums = new Float64Array(this.rows);
    this.nothing = weights.initial_hidden ?? new Float32Array(this.size); // the hidden state before the first step
    this.empty = weights.initial_cell ?? new Float32Array(units); // the cell then
    this.steps = 0;
    this.room = 0;
    /** @type {Record<string, Float32Array>} */
    this.signals = {};
    for (const name of SIGNALS[cell.type]) this.signals[name] = new Float32Array(0);
    if (this.projection) this.signals.projected = new Float32Array(0);
  }

  /** The signal that the layer above and the next step read. */
  get output() {
    return this.projection ? "projected" : "hidden";
  }

  /**
   * All units of a signal at a step.
   * @param {string} signal
   * @param {number} step
   */
  column(signal, step) {
    const width = signal === "projected" ? this.size : this.units;
    return this.signals[signal].subarray(step * width, (step + 1) * width);
  }

  /**
   * Read so many steps; the first `from` of them, in reading order, are as they were read before.
   * @param {Inputs} inputs
   * @param {number} steps
   * @param {number} from
   * @param {Edit} [edit]
   */
  read(inputs, steps, from = 0, edit = () => {}) {
    this.grow(steps);
    const first = this.reverse && steps !== this.steps ? 0 : from;
    this.steps = steps;
    for (let at = first; at < steps; at++) {
      const step = this.reverse ? steps - 1 - at : at;
      const before = at === 0 ? null : step + (this.reverse ? 1 : -1);
      this.step(this.fromRow(inputs, step), step, before, edit);
    }
  }

  /** @param {number} steps */
  grow(steps) {
    if (steps <= this.room) return;
    this.room = Math.max(steps, 2 * this.room);
    for (const [name, before] of Object.entries(this.signals)) {
      this.signals[name] = new Float32Array(this.room * (name === "projected" ? this.size : this.units));
      this.signals[name].set(before);
    }
  }

  /**
   * W x + b.
   * @param {Inputs} inputs
   * @param {number} step
   */
  fromRow(inputs, step) {
    const key = inputs.key?.(step);
    const found = key === undefined ? undefined : this.known.get(key);
    if (found) return found;
    const sums = this.bias.slice();
    this.fromInput.add(inputs.row(step), sums);
    if (key !== undefined) this.known.set(key, sums);
    return sums;
  }

  /**
   * @param {Float32Array} read
   * @param {number} step
   * @param {number | null} before
   * @param {Edit} edit
   */
  step(read, step, before, edit) {
    const { heard } = this;
    heard.set(this.recurrentBias);
    this.fromHidden.add(before === null ? this.nothing : this.column(this.output, before), heard);
    if (this.cell.type === "LSTM") this.lstm(read, step, before, edit);
    else if (this.cell.type === "GRU") this.gru(read, step, before, edit);
    else {
      this.add(read, 0, this.units);
      this.fill("hidden", step, this.activations.candidate, 0, edit);
    }
  }

  /**
   * The sums of these rows: what is read and what is heard.
   * @param {Float32Array} read
   * @param {number} from
   * @param {number} to
   */
  add(read, from, to) {
    for (let row = from; row < to; row++) this.sums[row] = read[row] + this.heard[row];
  }

  /**
   * A signal of all units: an activation of their sums, which may be clipped.
   * @param {string} signal
   * @param {number} step
   * @param {Applied} activation
   * @param {number} block which of the stacked gates
   * @param {Edit} edit
   */
  fill(signal, step, activation, block, edit) {
    const { units, sums } = this;
    const { clip } = this.cell;
    const [values, first] = [this.column(signal, step), block * units];
    if (clip) for (let row = first; row < first + units; row++) sums[row] = Math.min(Math.max(sums[row], -clip), clip);
    activation(sums, first, values);
    edit(signal, step, values);
    return values;
  }

  /**
   * @param {Float32Array} read
   * @param {number} step
   * @param {number | null} before
   * @param {Edit} edit
   */
  lstm(read, step, before, edit) {
    const { units } = this;
    const { gate, candidate, shown } = this.activations;
    const last = before === null ? this.empty : this.column("cell", before);
    this.add(read, 0, this.rows);
    this.see(0, 0, last);
    this.see(1, 1, last);
    const i = this.fill("input", step, gate, 0, edit);
    const f = this.fill("forget", step, gate, 1, edit);
    const g = this.fill("candidate", step, candidate, 2, edit);
    const c = this.column("cell", step);
    for (let unit = 0; unit < units; unit++) c[unit] = f[unit] * last[unit] + i[unit] * g[unit];
    edit("cell", step, c);
    this.see(2, 3, c);
    const o = this.fill("output", step, gate, 3, edit);
    const h = this.column("hidden", step);
    shown(c, 0, h);
    for (let unit = 0; unit < units; unit++) h[unit] *= o[unit];
    edit("hidden", step, h);
    if (this.projection) this.projection.add(h, this.column("projected", step).fill(0));
  }

  /**
   * Through peepholes a gate sees the cell.
   * @param {number} row of the peepholes
   * @param {number} block which of the stacked gates
   * @param {Float32Array} cell
   */
  see(row, block, cell) {
    const { units, peephole } = this;
    if (!peephole) return;
    for (let unit = 0; unit < units; unit++)
      this.sums[block * units + unit] += peephole[row * units + unit] * cell[unit];
  }

  /**
   * @param {Float32Array} read
   * @param {number} step
   * @param {number | null} before
   * @param {Edit} edit
   */
  gru(read, step, before, edit) {
    const { units, heard } = this;
    const { gate, candidate } = this.activations;
    const last = before === null ? this.nothing : this.column("hidden", before);
    this.add(read, 0, 2 * units);
    const r = this.fill("reset", step, gate, 0, edit);
    const z = this.fill("update", step, gate, 1, edit);
    const own = heard.subarray(2 * units);
    if (this.fromReset) {
      this.fromReset.add(
        last.map((value, unit) => r[unit] * value),
        own,
      );
    } else for (let unit = 0; unit < units; unit++) own[unit] *= r[unit];
    this.add(read, 2 * units, this.rows);
    const n = this.fill("candidate", step, candidate, 2, edit);
    const h = this.column("hidden", step);
    for (let unit = 0; unit < units; unit++) h[unit] = (1 - z[unit]) * n[unit] + z[unit] * last[unit];
    edit("hidden", step, h);
  }
}
