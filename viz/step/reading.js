// One model's reading of one passage in one layer: every number that the page shows comes from here.
//
// Arrays are float32 as recorded; sums are made in float64 by the equations of lstm_core/cells.py. Of a very large
// recording the gates and the candidate come as 256 levels, for colours; their numbers are then worked out here.

import { squash } from "../live/engine/activations.js";
import { activationOf } from "./kinds.js";
import { sentInput, sentPredictions } from "./sent.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Amount, Expected, Push, Read, Terms } from "./types" */

const SEEING = ["input", "forget", "output"]; // the gates that see the cell through peepholes, as their weights lie

export class Reading {
  /** @param {Read} read */
  constructor({ title, weights, recording, reverse, units, cell }) {
    this.title = title;
    this.units = units;
    this.reverse = reverse;
    this.cell = cell;
    this.sources = weights.facts.shapes.weight_hh[2];
    this.heard = cell.projection ? "projected" : "hidden"; // what a step hears of the one before
    this.start = recording.facts.start;
    this.stop = recording.facts.stop;
    this.facts = recording.facts;
    this.gates = weights.facts.gates;
    /** @type {{ unit: number; step: number; terms: Record<string, Terms> }} */
    this.known = { unit: -1, step: -1, terms: {} };
    this.arrays = { ...weights.arrays, ...recording.arrays };
    this.readAt = recording.readAt ?? sentInput(this);
    this.foreseen = recording.foreseen ?? sentPredictions(this);
    this.because = recording.because; // what each prediction is the sum of, where the model is here
  }

  /** @param {number} step */
  has(step) {
    return step >= this.start && step < this.stop;
  }

  /**
   * @param {string} signal
   * @param {number} step
   * @param {number} unit
   */
  value(signal, step, unit) {
    const array = this.arrays[signal];
    if (array instanceof Uint8Array) {
      return squash(activationOf(this.cell, signal), this.terms(signal, unit, step).sum);
    }
    return array[(step - this.start) * this.units + unit];
  }

  /**
   * Which colour of its scale a value has, from 0 to 255.
   * @param {string} signal
   * @param {number} step
   * @param {number} unit
   * @param {Scale} scale
   */
  level(signal, step, unit, scale) {
    const value = this.arrays[signal][(step - this.start) * this.units + unit];
    return this.arrays[signal] instanceof Uint8Array ? value : scale.level(value);
  }

  /**
   * All units of a signal at a step: its values, or its levels where only these were sent.
   * @param {string} signal
   * @param {number} step
   */
  column(signal, step) {
    const width = signal === "projected" ? this.sources : this.units;
    const from = (step - this.start) * width;
    return this.arrays[signal].subarray(from, from + width);
  }

  /**
   * All units of the cell or hidden state, or what was projected, one step earlier, as this layer reads.
   * @param {string} signal
   * @param {number} step
   */
  columnBefore(signal, step) {
    const earlier = this.reverse ? step + 1 : step - 1;
    return this.has(earlier) ? this.column(signal, earlier) : this.arrays[`before_${signal}`];
  }

  /**
   * The terms of a gate's pre-activation, and their sum, as far as it is not cut.
   * @param {string} gate
   * @param {number} unit
   * @param {number} step
   */
  terms(gate, unit, step) {
    // The drawing and the arithmetic ask for the same ones.
    if (this.known.unit !== unit || this.known.step !== step) this.known = { unit, step, terms: {} };
    this.known.terms[gate] ??= this.sumUp(gate, unit, step);
    return this.known.terms[gate];
  }

  /**
   * @param {string} gate
   * @param {number} unit
   * @param {number} step
   * @returns {Terms}
   */
  sumUp(gate, unit, step) {
    const row = this.gates.indexOf(gate) * this.units + unit;
    const { weight_ih, weight_hh, bias, recurrent_bias } = this.arrays;
    const read = this.readAt(step);
    let input = 0;
    for (let k = 0; k < read.length; k++) input += weight_ih[row * read.length + k] * read[k];
    const heard = this.heardBy(gate, step);
    let recurrent = 0;
    for (let k = 0; k < this.sources; k++) recurrent += weight_hh[row * this.sources + k] * heard[k];
    if (this.resets(gate) && this.cell.reset_after) {
      const reset = this.value("reset", step, unit);
      const sum = input + bias[row] + reset * (recurrent + recurrent_bias[row]);
      return { input, recurrent, bias: bias[row], reset, recurrentBias: recurrent_bias[row], sum: this.bounded(sum) };
    }
    const constant = bias[row] + (recurrent_bias ? recurrent_bias[row] : 0);
    const peephole = this.peephole(gate, unit, step);
    return { input, recurrent, bias: constant, peephole, sum: this.bounded(input + recurrent + constant + peephole) };
  }

  /**
   * Is the past held back by the reset gate on its way there?
   * @param {string} gate
   */
  resets(gate) {
    return this.cell.type === "GRU" && gate === "candidate";
  }

  /**
   * What a gate hears of the step before, before its weights: a reset gate may have held some of it back.
   * @param {string} gate
   * @param {number} step
   */
  heardBy(gate, step) {
    const earlier = this.columnBefore(this.heard, step);
    if (!this.resets(gate) || this.cell.reset_after) return earlier;
    const reset = this.column("reset", step);
    return Float32Array.from(earlier, (hidden, source) => reset[source] * hidden);
  }

  /**
   * @param {string} gate
   * @param {number} unit
   * @param {number} step
   */
  peephole(gate, unit, step) {
    const row = SEEING.indexOf(gate);
    if (!this.cell.peephole || row < 0) return 0;
    const seen = gate === "output" ? this.column("cell", step) : this.columnBefore("cell", step);
    return this.arrays.peephole[row * this.units + unit] * seen[unit];
  }

  /** @param {number} sum */
  bounded(sum) {
    const { clip } = this.cell;
    return clip ? Math.min(Math.max(sum, -clip), clip) : sum;
  }

  /**
   * Which units of the earlier hidden state, or which numbers of a projected output, pushed a gate hardest, up or down?
   * @param {string} gate
   * @param {number} unit
   * @param {number} step
   * @param {number} count
   */
  pushes(gate, unit, step, count) {
    const row = (this.gates.indexOf(gate) * this.units + unit) * this.sources;
    const every = Array.from(this.heardBy(gate, step), (hidden, source) => {
      const weight = this.arrays.weight_hh[row + source];
      return { unit: source, hidden, weight, push: weight * hidden };
    });
    const size = (/** @type {Push} */ { push }) => (Number.isFinite(push) ? Math.abs(push) : -1); // no number: last
    return every.sort((one, other) => size(other) - size(one)).slice(0, count);
  }

  /**
   * Tokens expected next after a step, the likeliest first, or all labels: {label, class, chance, before, fallen}.
   * @param {number} step
   * @returns {Expected[]}
   */
  expected(step) {
    const { facts } = this;
    if (facts.kind === "values" || facts.kind === "nothing") return [];
    return this.foreseen.expected(step).map((one) => ({ label: facts.labels[one.class], ...one }));
  }

  /**
   * The values that the model predicts after a step: {name, digits, value, before, came}; NaN where there is none.
   * @param {number} step
   * @returns {Amount[]}
   */
  values(step) {
    const { facts } = this;
    if (facts.kind !== "values") return [];
    const { names, digits } = facts;
    return this.foreseen.values(step).map((one, at) => ({ name: names[at], digits: digits[at], ...one }));
  }

  /**
   * The class that did come next, -1 where the text ends and where nothing was expected.
   * @param {number} step
   */
  came(step) {
    return this.foreseen.came(step);
  }

  /**
   * Bits of surprise at the token of a step; NaN at the first and where nothing was expected.
   * @param {number} step
   */
  surprise(step) {
    return this.foreseen.surprise(step);
  }
}
