// The parts that Python has sent: kept for as long as the page is open, within a limit.
//
// Module state: it outlives the component, so that a reader who comes back to the page finds it there.

/** @import { Message, Part } from "./types" */

const SPARE = 8e6; // bytes of parts kept that are not on the stage
/** @type {Map<string, Part>} */
const store = new Map(); // id -> {facts, arrays, bytes}, the least recently used first

/**
 * Take in what came with a run. Arrays are Arrow tables of one column each, named "part/array".
 * @param {Message} data
 */
export function absorb(data) {
  for (const [id, facts] of Object.entries(data.facts)) {
    /** @type {Part} */
    const part = { facts, arrays: {}, bytes: 0 };
    for (const name of Object.keys(facts.shapes)) {
      const found = data[`${id}/${name}`].getChildAt(0).toArray();
      // A view would keep the whole message in memory that it came with.
      part.arrays[name] = found.byteLength < found.buffer.byteLength ? found.slice() : found;
      part.bytes += found.byteLength;
    }
    store.set(id, part);
  }
}

/**
 * The parts with these ids, or the ids of those that are not there.
 * @param {string[]} ids
 * @returns {{ found: Record<string, Part>; missing?: undefined } | { found?: undefined; missing: string[] }}
 */
export function find(ids) {
  const missing = ids.filter((id) => !store.has(id));
  if (missing.length) return { missing };
  /** @type {Record<string, Part>} */
  const found = {};
  for (const id of ids) {
    const part = store.get(id);
    if (!part) continue;
    found[id] = part;
    store.delete(id);
    store.set(id, part);
  }
  let spare = 0;
  for (const [id, part] of [...store].reverse()) {
    if (ids.includes(id)) continue;
    spare += part.bytes;
    if (spare > SPARE) store.delete(id);
  }
  return { found };
}
