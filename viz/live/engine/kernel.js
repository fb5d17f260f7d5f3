// A matrix times a vector, which is nearly all that a recurrent layer computes: in WebAssembly, or else in JavaScript.

import { CODE } from "./kernel_code.js";

/**
 * A matrix of weights, row by row.
 * @typedef {object} Matrix
 * @property {(x: Float32Array, y: Float32Array) => void} add Adds W x to the first numbers of y.
 */

/**
 * Where matrices lie and are multiplied. One for each model: its memory goes with it.
 * @typedef {{ name: "simd" | "plain", matrix: (values: Float32Array, rows: number, columns: number) => Matrix }} Kernel
 */

const PAGE = 65536; // bytes

/**
 * The fastest kernel that this browser allows: a strict content security policy forbids WebAssembly.
 * @returns {Kernel}
 */
export function makeKernel() {
  try {
    return new SimdKernel();
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof ReferenceError) return new PlainKernel();
    throw error;
  }
}

/** @param {number} count */
const padded = (count) => Math.max(4, Math.ceil(count / 4) * 4);

/** @implements {Kernel} */
export class SimdKernel {
  /** @type {"simd"} */
  name = "simd";

  constructor() {
    const bytes = Uint8Array.from(atob(CODE), (letter) => letter.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    this.memory = /** @type {WebAssembly.Memory} */ (exports.memory);
    this.multiply = /** @type {(w: number, x: number, y: number, rows: number, columns: number) => void} */ (
      exports.add
    );
    this.used = 0; // bytes
    this.numbers = new Float32Array(this.memory.buffer);
  }

  /**
   * @param {Float32Array} values
   * @param {number} rows
   * @param {number} columns
   * @returns {Matrix}
   */
  matrix(values, rows, columns) {
    const [tall, wide] = [padded(rows), padded(columns)];
    const [w, x, y] = [this.allocate(tall * wide), this.allocate(wide), this.allocate(tall)];
    for (let row = 0; row < rows; row++) {
      this.numbers.set(values.subarray(row * columns, (row + 1) * columns), w / 4 + row * wide);
    }
    return {
      add: (input, output) => {
        this.numbers.set(input, x / 4);
        this.numbers.set(output.subarray(0, rows), y / 4);
        this.multiply(w, x, y, tall, wide);
        output.set(this.numbers.subarray(y / 4, y / 4 + rows));
      },
    };
  }

  /**
   * Room for so many numbers, all 0. Returns its address in bytes.
   * @param {number} count
   */
  allocate(count) {
    const at = this.used;
    this.used += count * 4;
    const lacking = this.used - this.memory.buffer.byteLength;
    if (lacking > 0) {
      this.memory.grow(Math.ceil(lacking / PAGE));
      this.numbers = new Float32Array(this.memory.buffer);
    }
    return at;
  }
}

/** @implements {Kernel} */
export class PlainKernel {
  /** @type {"plain"} */
  name = "plain";

  /**
   * @param {Float32Array} values
   * @param {number} rows
   * @param {number} columns
   * @returns {Matrix}
   */
  matrix(values, rows, columns) {
    return {
      add: (input, output) => {
        for (let row = 0, at = 0; row < rows; row++) {
          let sum = 0;
          for (let column = 0; column < columns; column++, at++) sum += values[at] * input[column];
          output[row] += sum;
        }
      },
    };
  }
}
