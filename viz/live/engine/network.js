// A whole model: embedding, stacked layers, readout, as lstm_core/model.py computes them, made of the files of a model.

import { Direction } from "./direction.js";

/** @import { Cell, Edit, Inputs, Weights } from "./direction.js" */
/** @import { Kernel } from "./kernel.js" */
/** @import { Tensor } from "./safetensors.js" */

/**
 * One layer of `stack` in a model.json: `Layout` in lstm_core/stack.py.
 * @typedef {{ features: number, units: number, cell: Cell, reading: "forward" | "reverse" | "both",
 *   merge: "concat" | "sum" | "ave" | "mul", ends: boolean }} Layout
 */

/**
 * What the engine needs of `config` in a model.json.
 * @typedef {{ embedding: number, hidden: number, layers: number, bidirectional: boolean, one_hot?: boolean,
 *   stack?: Layout[], between?: "relu" | "last" | "mean" | "max" }} Config
 */

/**
 * `inputs`: what it read last.
 * @typedef {{ directions: Record<string, Direction>, merge: Layout["merge"], ends: boolean, size: number, inputs: Inputs }} Layer
 */

/** @type {Cell} */
const TEXTBOOK = {
  type: "LSTM",
  gate: { name: "sigmoid", slope: 0, offset: 0 },
  candidate: { name: "tanh", slope: 0, offset: 0 },
  shown: { name: "tanh", slope: 0, offset: 0 },
  clip: 0,
  reset_after: true,
};
const SUFFIXES = { forward: [""], reverse: ["_reverse"], both: ["", "_reverse"] };

/** @type {Record<Layout["merge"], (one: number, other: number) => number>} */
const MERGED = {
  concat: (one) => one,
  sum: (one, other) => one + other,
  ave: (one, other) => (one + other) / 2,
  mul: (one, other) => one * other,
};

export class Network {
  /**
   * @param {Kernel} kernel
   * @param {Config} config
   * @param {Record<string, Tensor>} tensors
   */
  constructor(kernel, config, tensors) {
    this.features = config.embedding;
    this.embedding = tensors["embedding.weight"]?.values;
    const layouts = config.stack?.length ? config.stack : torchLayouts(config);
    this.between = config.between ?? "nothing";
    this.layers = layouts.map((layout, number) => layerOf(kernel, layout, number, tensors));
    const readout = tensors["readout.weight"];
    this.outputs = readout.shape[0];
    this.readout = kernel.matrix(readout.values, ...sizes(readout));
    this.readoutWeights = readout.values; // (output, number that it reads), row by row
    this.readoutBias = tensors["readout.bias"].values;
    /** @type {(step: number) => Float32Array} */
    this.top = () => new Float32Array(0);
  }

  /**
   * Every direction of every layer by its name, from the bottom.
   * @returns {Record<string, Direction>}
   */
  get directions() {
    return Object.assign({}, ...this.layers.map((layer) => layer.directions));
  }

  /**
   * Read a text; its first `from` steps are as they were read before.
   * @param {number[] | Int32Array | Float32Array[]} tokens class numbers, or the numbers of each step
   * @param {number} from
   * @param {(layer: string) => Edit | undefined} [edits]
   */
  read(tokens, from = 0, edits = () => undefined) {
    const steps = tokens.length;
    let [inputs, valid] = [this.inputs(tokens), from];
    for (const layer of this.layers) {
      layer.inputs = inputs;
      for (const [name, direction] of Object.entries(layer.directions)) {
        direction.read(inputs, steps, direction.reverse ? 0 : valid, edits(name));
        if (direction.reverse) valid = 0; // what stands above sees the text's end at every step
      }
      const row = merged(layer, steps);
      inputs = { row };
      this.top = row;
    }
    this.top = pooled(this.top, steps, this.between);
  }

  /**
   * @param {number[] | Int32Array | Float32Array[]} tokens
   * @returns {Inputs}
   */
  inputs(tokens) {
    const { features, embedding } = this;
    const first = tokens[0];
    if (typeof first !== "number") return { row: (step) => /** @type {Float32Array[]} */ (tokens)[step] };
    const ids = /** @type {number[] | Int32Array} */ (tokens);
    const key = (/** @type {number} */ step) => ids[step];
    if (embedding) return { key, row: (step) => embedding.subarray(ids[step] * features, (ids[step] + 1) * features) };
    return { key, row: (step) => new Float32Array(features).fill(1, ids[step], ids[step] + 1) };
  }

  /**
   * What the readout outputs after a step: logits, or standardised numbers.
   * @param {number} step
   */
  output(step) {
    const found = this.readoutBias.slice();
    this.readout.add(this.top(step), found);
    return found;
  }
}

/**
 * The layers of `torch.nn.LSTM`.
 * @param {Config} config
 * @returns {Layout[]}
 */
function torchLayouts({ embedding, hidden, layers, bidirectional }) {
  const reading = bidirectional ? "both" : "forward";
  const above = bidirectional ? 2 * hidden : hidden;
  return Array.from({ length: layers }, (_, number) => {
    const features = number ? above : embedding;
    return { features, units: hidden, cell: TEXTBOOK, reading, merge: "concat", ends: false };
  });
}

/**
 * @param {Kernel} kernel
 * @param {Layout} layout
 * @param {number} number
 * @param {Record<string, Tensor>} tensors
 * @returns {Layer}
 */
function layerOf(kernel, { features, units, cell, reading, merge, ends }, number, tensors) {
  /** @type {Record<string, Direction>} */
  const directions = {};
  for (const suffix of SUFFIXES[reading]) {
    const of = (/** @type {string} */ kind) => tensors[`lstm.${kind}_l${number}${suffix}`]?.values;
    /** @type {Weights} */
    const weights = {
      weight_ih: of("weight_ih"),
      weight_hh: of("weight_hh"),
      bias_ih: of("bias_ih"),
      bias_hh: of("bias_hh"),
      projection: of("weight_hr"),
      peephole: of("peephole"),
      initial_hidden: of("initial_hidden"),
      initial_cell: of("initial_cell"),
    };
    const layout = { cell, units, features, reverse: suffix === "_reverse", weights };
    directions[`layer${number}${suffix}`] = new Direction(kernel, layout);
  }
  const inputs = { row: () => new Float32Array(0) };
  return { directions, merge, ends, size: Object.values(directions)[0].size, inputs };
}

/**
 * What the layer above reads at each step.
 * @param {Layer} layer
 * @param {number} steps
 * @returns {(step: number) => Float32Array}
 */
function merged({ directions, merge, ends, size }, steps) {
  const outputs = Object.values(directions).map((direction) => (/** @type {number} */ step) => {
    const last = ends && direction.reverse; // its state at the end of its way, which is the text's first step
    return direction.column(direction.output, last ? 0 : step);
  });
  if (outputs.length === 1) return outputs[0];
  const width = merge === "concat" ? 2 * size : size;
  const found = new Float32Array(steps * width);
  for (let step = 0; step < steps; step++) {
    const [one, other] = outputs.map((output) => output(step));
    const row = found.subarray(step * width, (step + 1) * width);
    if (merge === "concat") {
      row.set(one);
      row.set(other, size);
    } else for (let at = 0; at < size; at++) row[at] = MERGED[merge](one[at], other[at]);
  }
  return (step) => found.subarray(step * width, (step + 1) * width);
}

/**
 * What the readout reads after each step, from the top layer's outputs: `predict` in lstm_core/model.py.
 * @param {(step: number) => Float32Array} top
 * @param {number} steps
 * @param {Network["between"]} between
 * @returns {(step: number) => Float32Array}
 */
function pooled(top, steps, between) {
  if (between === "relu") return (step) => top(step).map((value) => Math.max(value, 0));
  if (between !== "mean" && between !== "max") return top;
  const rows = [top(0).slice()];
  const total = Float64Array.from(rows[0]);
  for (let step = 1; step < steps; step++) {
    const row = top(step);
    for (let at = 0; at < total.length; at++)
      total[at] = between === "max" ? Math.max(total[at], row[at]) : total[at] + row[at];
    rows.push(Float32Array.from(total, (value) => (between === "max" ? value : value / (step + 1))));
  }
  return (step) => rows[step];
}

/**
 * @param {Tensor} matrix
 * @returns {[rows: number, columns: number]}
 */
function sizes({ shape: [rows, columns] }) {
  return [rows, columns];
}
