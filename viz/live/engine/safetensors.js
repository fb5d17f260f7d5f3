// Tensors from a file in the format safetensors: a header in JSON with each tensor's place, then their bytes.

/** @typedef {{ shape: number[], values: Float32Array }} Tensor */

/**
 * All tensors of a file by name, as float32. Throws a RangeError or SyntaxError for what is no such file, and a
 * TypeError for tensors of other kinds than F32 and F16.
 * @param {ArrayBuffer} buffer
 * @returns {Record<string, Tensor>}
 */
export function readTensors(buffer) {
  const view = new DataView(buffer);
  const length = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  delete header.__metadata__;
  /** @type {Record<string, Tensor>} */
  const found = {};
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    const [start, end] = offsets.map((/** @type {number} */ offset) => 8 + length + offset);
    found[name] = { shape, values: numbersOf(view.buffer.slice(start, end), dtype) };
  }
  return found;
}

/**
 * @param {ArrayBuffer} bytes
 * @param {string} dtype
 */
function numbersOf(bytes, dtype) {
  if (dtype === "F32") return new Float32Array(bytes);
  if (dtype === "F16") return Float32Array.from(new Uint16Array(bytes), single);
  throw new TypeError(`tensors of ${dtype} are not read here, only F32 and F16`);
}

/**
 * The number that 16 bits are by IEEE 754: a sign, five bits of exponent, ten of fraction.
 * @param {number} bits
 */
function single(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -14 * (fraction / 1024);
}
