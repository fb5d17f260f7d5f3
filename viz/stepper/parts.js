// The parts that Python has sent: kept for as long as the page is open, within a limit.
//
// Facts come with the header, arrays in parcels that may arrive before or after it. Module state: it outlives
// the component, so that a reader who comes back to the page finds it there.

const SPARE = 8e6; // bytes of parts kept that are not on the stage
const kept = new Map(); // id -> {facts, arrays, bytes, names}, the least recently used first
const waiting = new Set(); // who wants to hear when something has come

/** Take in a parcel: Arrow tables of one column each, named "part/array"; their numbers are typed arrays. */
export function absorbParcel(tables) {
  for (const [path, table] of Object.entries(tables)) {
    const [id, name] = path.split("/");
    const found = table.getChildAt(0).toArray();
    // A view would keep the whole message in memory that it came with.
    const own = found.byteLength < found.buffer.byteLength ? found.slice() : found;
    const part = entry(id);
    part.bytes += own.byteLength - (part.arrays[name]?.byteLength ?? 0);
    part.arrays[name] = own;
  }
  for (const hear of waiting) hear();
}

export function absorbFacts(facts) {
  for (const [id, own] of Object.entries(facts)) entry(id).facts = own;
}

function entry(id) {
  if (!kept.has(id)) kept.set(id, { facts: null, arrays: {}, bytes: 0 });
  return kept.get(id);
}

function whole({ facts, arrays } = {}) {
  return Boolean(facts) && Object.keys(facts.shapes).every((name) => arrays[name]);
}

/** Be called after each parcel, until `stop` is. */
export function listen(hear) {
  waiting.add(hear);
  return function stop() {
    waiting.delete(hear);
  };
}

/** The parts with these ids, or the ids of those that are not there whole. */
export function find(ids) {
  const missing = ids.filter((id) => !whole(kept.get(id)));
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
