// The parts that Python has sent: kept for as long as the page is open, within a limit.
//
// Module state: it outlives the component, so that a reader who comes back to the page finds it there.

const SPARE = 24e6; // bytes of parts kept that are not on the stage
const kept = new Map(); // id -> {facts, arrays, bytes}, the least recently used first

/** Take in what came with this run. Tables are Arrow, one column each; their numbers are typed arrays. */
export function absorb(data) {
  for (const [id, facts] of Object.entries(data.facts)) {
    const arrays = {};
    let bytes = 0;
    for (const name of Object.keys(facts.shapes)) {
      arrays[name] = data[`${id}/${name}`].getChildAt(0).toArray();
      bytes += arrays[name].byteLength;
    }
    kept.set(id, { facts, arrays, bytes });
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
