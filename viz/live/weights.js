// What this tab has been sent: weights and facts of models, kept for the visit and for every page, by what they contain.

const MOST = 64e6; // bytes

/** @typedef {typeof globalThis & { gatescopeWeights?: Map<string, ArrayBuffer>, gatescopeFacts?: Map<string, any> }} Tab */

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

/**
 * Facts by their id; undefined where they are not here.
 * @param {string} id
 */
export function facts(id) {
  return /** @type {Tab} */ (globalThis).gatescopeFacts?.get(id);
}

/** @import { Table } from "../browser/types" */

/**
 * Take in what came with a run of the page: `facts` by their ids, and a table of bytes for each model's weights,
 * "weights/ID".
 * @param {Record<string, unknown>} data
 */
export function absorb(data) {
  const tab = /** @type {Tab} */ (globalThis);
  tab.gatescopeFacts ??= new Map();
  for (const [id, own] of Object.entries(data.facts ?? {})) tab.gatescopeFacts.set(id, own);
  for (const [name, table] of Object.entries(data)) {
    if (!name.startsWith("weights/")) continue;
    const bytes = /** @type {Table} */ (table).getChildAt(0).toArray();
    keep(name.slice("weights/".length), /** @type {ArrayBuffer} */ (bytes.slice().buffer));
  }
}
