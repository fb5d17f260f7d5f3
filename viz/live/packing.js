// Weights out of the text that a page carries: the way back from viz/live/packing.py.

const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%()*+-.:;=?@[]^_{|}~";
const PLANES = 4;

/**
 * The bytes that were packed.
 * @param {string} text
 * @returns {Promise<ArrayBuffer>}
 */
export async function unpacked(text) {
  const start = text.indexOf(" ") + 1;
  const small = bytesOf(text, start).subarray(0, Number.parseInt(text, 10));
  const planes = new Blob([small]).stream().pipeThrough(new DecompressionStream("deflate"));
  return together(new Uint8Array(await new Response(planes).arrayBuffer()));
}

/**
 * Four bytes for each five letters.
 * @param {string} text
 * @param {number} start
 */
function bytesOf(text, start) {
  const values = new Uint8Array(128);
  for (let value = 0; value < LETTERS.length; value++) values[LETTERS.charCodeAt(value)] = value;
  const groups = Math.floor((text.length - start) / 5);
  const found = new DataView(new ArrayBuffer(4 * groups));
  for (let group = 0, at = start; group < groups; group++) {
    let sum = 0;
    for (const end = at + 5; at < end; at++) sum = 85 * sum + values[text.charCodeAt(at)];
    found.setUint32(4 * group, sum);
  }
  return new Uint8Array(found.buffer);
}

/**
 * Numbers of their bytes, which lie sorted by place.
 * @param {Uint8Array} planes
 */
function together(planes) {
  const found = new Uint8Array(planes.length);
  let from = 0;
  for (let plane = 0; plane < PLANES; plane++) {
    for (let to = plane; to < found.length; to += PLANES) found[to] = planes[from++];
  }
  return found.buffer;
}
