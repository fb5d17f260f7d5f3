import assert from "node:assert/strict";
import { test } from "node:test";
import { absorb, find } from "../../viz/browser/parts.js";

/** A message as Streamlit hands it over: an array is an Arrow table of one column. */
function message(parts) {
  const data = { header: {}, facts: {} };
  for (const [id, arrays] of Object.entries(parts)) {
    const shapes = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, [array.length]]));
    data.facts[id] = { note: id, shapes };
    for (const [name, array] of Object.entries(arrays))
      data[`${id}/${name}`] = { getChildAt: () => ({ toArray: () => array }) };
  }
  return data;
}

const MEGABYTE = 1024 * 1024;

test("parts that came are found, and those that did not are named", () => {
  absorb(message({ "a-1": { values: Float32Array.of(1, 2, 3) }, "a-2": {} }));
  assert.deepEqual(find(["a-1", "a-3", "a-4"]), { missing: ["a-3", "a-4"] });
  const { found, missing } = find(["a-1", "a-2"]);
  assert.equal(missing, undefined);
  assert.deepEqual(found["a-1"], {
    facts: { note: "a-1", shapes: { values: [3] } },
    arrays: { values: Float32Array.of(1, 2, 3) },
    bytes: 12,
  });
  assert.deepEqual(found["a-2"].arrays, {});
});

test("an array does not keep the message in memory that it came with", () => {
  const whole = new Float32Array(MEGABYTE);
  whole.fill(7, 10, 12);
  absorb(message({ "b-1": { values: whole.subarray(10, 12) } }));
  const { values } = find(["b-1"]).found["b-1"].arrays;
  assert.deepEqual(values, Float32Array.of(7, 7));
  assert.equal(values.buffer.byteLength, 8);
});

test("beyond 8 MB of parts that are not shown, the least recently used are dropped", () => {
  const big = () => ({ values: new Uint8Array(3 * MEGABYTE) });
  absorb(message({ "c-1": big(), "c-2": big(), "c-3": big() }));
  find(["c-1"]); // now c-2 is the one that was not used for longest
  absorb(message({ "c-4": big() }));
  find(["c-4"]); // 9 MB beside it: c-3 and c-1 stay
  assert.deepEqual(find(["c-1", "c-2", "c-3", "c-4"]), { missing: ["c-2"] });
});

test("what is shown stays, however large it is", () => {
  const ids = ["d-1", "d-2", "d-3", "d-4", "d-5"];
  absorb(message(Object.fromEntries(ids.map((id) => [id, { values: new Uint8Array(3 * MEGABYTE) }]))));
  assert.equal(find(ids).missing, undefined);
  assert.equal(find(ids).missing, undefined);
});
