// A model that reads a text here: what `record` in lstm_core makes of it, read again at every key from where it changed.

import { encoderOf } from "./engine/encoders.js";
import { editsOf } from "./engine/interventions.js";
import { makeKernel } from "./engine/kernel.js";
import { Network } from "./engine/network.js";
import { numberEncoder } from "./engine/numbers.js";
import { predicted, surprisal } from "./engine/predictions.js";
import { readTensors } from "./engine/safetensors.js";

/** @import { Direction } from "./engine/direction.js" */
/** @import { Intervention } from "./engine/interventions.js" */
/** @import { ModelFacts, Read } from "./types" */

export class LiveModel {
  /**
   * @param {ModelFacts} facts `described` in viz/live/description.py
   * @param {ArrayBuffer} weights a model.safetensors
   * @param {Network} [network]
   */
  constructor(facts, weights, network = networkOf(facts, weights)) {
    const { config } = facts;
    this.facts = facts;
    this.network = network;
    this.encode = config.encoder.kind === "number" ? numberEncoder(config.encoder) : encoded(encoderOf(config.encoder));
    /** @type {Read} */
    this.tokens = { ids: [], values: null, labels: [], groups: [] };
    /** @type {Intervention[]} */
    this.interventions = [];
    /** @type {Float64Array[]} */
    this.predictions = [];
    /** @type {{ at: number, chance: number }[]} */
    this.guesses = [];
    /** @type {Float32Array[]} */
    this.outputs = [];
    /** @type {Record<string, number[]>} */
    this.known = {}; // the means of each signal
  }

  get steps() {
    return this.tokens.labels.length;
  }

  /** The names of the layers, from the bottom. */
  get layers() {
    return Object.keys(this.network.directions);
  }

  /**
   * Read a text, and return the first step of which something may have changed. Throws UnknownPieces and Doubtful for
   * texts that the model cannot read; what was read before then stays.
   * @param {string} text
   * @param {Intervention[]} [interventions]
   */
  read(text, interventions = []) {
    return this.take(this.encode(text), interventions);
  }

  /**
   * Read these tokens: as `read`.
   * @param {Read} tokens
   * @param {Intervention[]} [interventions]
   */
  take(tokens, interventions = []) {
    const [before, steps] = [this.steps, tokens.labels.length];
    const others = JSON.stringify(interventions) !== JSON.stringify(this.interventions);
    const first = others ? Math.min(...[...interventions, ...this.interventions].map(({ start }) => start)) : steps;
    const same = Math.min(alike(this.tokens, tokens), first);
    this.tokens = tokens;
    this.interventions = interventions;
    if (same === steps && same === before) return same;
    this.network.read(tokens.values ?? tokens.ids, same, editsOf(interventions));
    // Where a layer reads backwards, the text's end is seen from its beginning.
    const kept = this.layers.some((name) => name.endsWith("_reverse")) ? 0 : same;
    for (const known of [this.predictions, this.guesses, this.outputs, ...Object.values(this.known)])
      known.length = Math.min(known.length, kept);
    return kept;
  }

  /**
   * @param {string} layer
   * @returns {Direction}
   */
  direction(layer) {
    return this.network.directions[layer];
  }

  /**
   * A signal of all units at all steps: (step, unit), row by row.
   * @param {string} layer
   * @param {string} signal
   */
  signal(layer, signal) {
    const direction = this.direction(layer);
    const width = signal === "projected" ? direction.size : direction.units;
    return direction.signals[signal].subarray(0, this.steps * width);
  }

  /**
   * The mean of all units of a signal at each step.
   * @param {string} layer
   * @param {string} signal
   */
  means(layer, signal) {
    this.known[`${layer} ${signal}`] ??= [];
    const means = this.known[`${layer} ${signal}`];
    const { units } = this.direction(layer);
    const values = this.signal(layer, signal);
    for (let step = means.length; step < this.steps; step++) {
      let sum = 0;
      for (let at = step * units; at < (step + 1) * units; at++) sum += values[at];
      means.push(sum / units);
    }
    return means;
  }

  /**
   * What the readout outputs after a step: logits, or standardised numbers.
   * @param {number} step
   */
  output(step) {
    this.outputs[step] ??= this.network.output(step);
    return this.outputs[step];
  }

  /**
   * What is predicted after a step: the probability of each class or label, or numbers in their own units.
   * @param {number} step
   */
  predicted(step) {
    this.predictions[step] ??= predicted(this.facts.config.readout, this.output(step));
    return this.predictions[step];
  }

  /** The name of each class, label or number that is predicted. */
  get predictedNames() {
    const { readout } = this.facts.config;
    if (readout.kind === "labels") return readout.labels;
    return readout.kind === "values" ? readout.names : this.facts.labels;
  }

  /** Does it predict the token that comes next, or those that may? */
  get predictsTokens() {
    return ["next", "legal"].includes(this.facts.config.readout.kind);
  }

  /** Is each number that it outputs a forecast of one that comes at the next step? */
  get ahead() {
    const { readout } = this.facts.config;
    return readout.kind === "values" && readout.ahead;
  }

  /**
   * The likeliest class after a step, and its probability.
   * @param {number} step
   */
  guess(step) {
    this.guesses[step] ??= best(this.predicted(step));
    return this.guesses[step];
  }

  /**
   * The class of the token that comes after a step; -1 at the text's end, and where no token is predicted.
   * @param {number} step
   */
  came(step) {
    return this.predictsTokens && step + 1 < this.steps ? this.tokens.ids[step + 1] : -1;
  }

  /**
   * Bits of surprisal at the token of a step; NaN at the first, and where no token was predicted.
   * @param {number} step
   */
  surprise(step) {
    if (step < 1 || !this.predictsTokens) return Number.NaN;
    return surprisal(Math.fround(this.predicted(step - 1)[this.tokens.ids[step]]));
  }

  /**
   * The numbers that came at the next step, of which a forecast was made; NaN where there are none.
   * @param {number} step
   */
  valuesCame(step) {
    const { readout, encoder } = this.facts.config;
    const count = readout.kind === "values" ? readout.names.length : 0;
    const row = this.tokens.values?.[step + 1];
    if (readout.kind !== "values" || encoder.kind !== "number" || !readout.ahead || !row)
      return new Float64Array(count).fill(Number.NaN);
    return Float64Array.from({ length: count }, (_, at) => row[at] * encoder.spread[at] + encoder.mean[at]);
  }
}

/**
 * @param {ModelFacts} facts
 * @param {ArrayBuffer} weights
 */
function networkOf({ config }, weights) {
  return new Network(makeKernel(), config, readTensors(weights));
}

/**
 * The likeliest class, the first of equals.
 * @param {Float64Array} chances
 */
function best(chances) {
  let at = 0;
  for (let one = 1; one < chances.length; one++) if (chances[one] > chances[at] || Number.isNaN(chances[at])) at = one;
  return { at, chance: chances[at] };
}

/**
 * @param {(text: string) => { ids: number[]; labels: string[]; groups: number[] }} encode
 * @returns {(text: string) => Read}
 */
function encoded(encode) {
  return (text) => ({ ...encode(text), values: null });
}

/**
 * How many steps at the beginning of two texts are the same?
 * @param {Read} one
 * @param {Read} other
 */
function alike(one, other) {
  const most = Math.min(one.labels.length, other.labels.length);
  for (let step = 0; step < most; step++) {
    const [row, ours] = [one.values?.[step], other.values?.[step]];
    const same = row && ours ? row.every((value, at) => value === ours[at]) : one.ids[step] === other.ids[step];
    if (!same) return step;
  }
  return most;
}
