// The weights that this tab has been sent: kept for the visit and for every page, by what they contain.

const MOST = 64e6; // bytes

/** @typedef {typeof globalThis & { gatescopeWeights?: Map<string, ArrayBuffer> }} Tab */

/** @returns {Map<string, ArrayBuffer>} the least recently used first */
function store() {
  const tab = /** @type {Tab} */ (globalThis);
  tab.gatescopeWeights ??= new Map(); // each component has modules of its own
  return tab.gatescopeWeights;
}

/**
 * @param {string} id
 * @param {ArrayBuffer} weights
 */
export function keep(id, weights) {
  const kept = store();
  kept.delete(id);
  kept.set(id, weights);
  let bytes = [...kept.values()].reduce((sum, one) => sum + one.byteLength, 0);
  for (const [oldest, { byteLength }] of kept) {
    if (bytes <= MOST || oldest === id) return;
    kept.delete(oldest);
    bytes -= byteLength;
  }
}

/** @param {string} id */
export function kept(id) {
  const found = store().get(id);
  if (found) keep(id, found);
  return found;
}

/** @import { Message, Table } from "../browser/types" */

/**
 * Take in the weights that came with a run of the page: a table of bytes for each, "weights/ID".
 * @param {Message} data
 */
export function absorbWeights(data) {
  for (const [name, table] of Object.entries(data)) {
    if (!name.startsWith("weights/")) continue;
    const bytes = /** @type {Table} */ (table).getChildAt(0).toArray();
    keep(name.slice("weights/".length), /** @type {ArrayBuffer} */ (bytes.slice().buffer));
  }
}
