// The parts that Python has sent: kept for as long as the page is open, within a limit.
//
// Module state: it outlives the component, so that a reader who comes back to the page finds it there.

const SPARE = 8e6; // bytes of parts kept that are not on the stage
const kept = new Map(); // id -> {facts, arrays, bytes}, the least recently used first

/** Take in what came with a run. Arrays are Arrow tables of one column each, named "part/array". */
export function absorb(data) {
  for (const [id, facts] of Object.entries(data.facts)) {
    const part = { facts, arrays: {}, bytes: 0 };
    for (const name of Object.keys(facts.shapes)) {
      const found = data[`${id}/${name}`].getChildAt(0).toArray();
      // A view would keep the whole message in memory that it came with.
      part.arrays[name] = found.byteLength < found.buffer.byteLength ? found.slice() : found;
      part.bytes += found.byteLength;
    }
    kept.set(id, part);
  }
}

/** The parts with these ids, or the ids of those that are not there. */
export function find(ids) {
  const missing = ids.filter((id) => !kept.has(id));
  if (missing.length) return { missing };
  const found = {};
  for (const id of ids) {
    found[id] = kept.get(id);
    kept.delete(id);
    kept.set(id, found[id]);
  }
  let spare = 0;
  for (const [id, part] of [...kept].reverse()) {
    if (ids.includes(id)) continue;
    spare += part.bytes;
    if (spare > SPARE) kept.delete(id);
  }
  return { found };
}
