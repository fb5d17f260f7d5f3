import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readTensors } from "../../viz/live/engine/safetensors.js";
import { leafOrder } from "../../viz/live/leaf_order.js";
import { averageLinkage } from "../../viz/live/linkage.js";
import { mostTelling, rowOrder, TELLING } from "../../viz/live/ordering.js";

const folder = process.env.GATESCOPE_ORDERING;
const skip = folder ? false : "run it by: pytest tests/js";
const cases = folder ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];

function signalsOf(file) {
  const { buffer, byteOffset, byteLength } = readFileSync(join(folder, file.replace(".json", ".safetensors")));
  const { hidden, keep } = readTensors(buffer.slice(byteOffset, byteOffset + byteLength));
  return { hidden: hidden.values, keep: keep?.values };
}

test("there are cases to compare", { skip }, () => assert.ok(cases.length > 50));

for (const file of cases) {
  const { title, units, steps, tokens, orders, alone, telling } = JSON.parse(readFileSync(join(folder, file), "utf-8"));
  test(`${title}: units stand in Python's order`, () => {
    const [signals, size] = [signalsOf(file), { units, steps }];
    for (const [by, wanted] of Object.entries(orders)) assert.deepEqual(rowOrder(signals, by, size), wanted, by);
    assert.deepEqual(rowOrder({ hidden: signals.hidden }, "timescale", size), alone, "timescale without a gate");
    assert.deepEqual(mostTelling(signals.hidden, tokens, size, units), telling);
    assert.deepEqual(mostTelling(signals.hidden, tokens, size), telling.slice(0, TELLING));
  });
}

const columns = (...rows) => Float32Array.from(rows[0].flatMap((_, step) => rows.map((row) => row[step])));

test("units that are no numbers come last, behind those that never change", () => {
  for (const nothing of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const hidden = columns([0, nothing, 1], [2, 2, 2], [0, 1, 0], [1, 1, 0], [nothing, nothing, -nothing]);
    const size = { units: 5, steps: 3 };
    for (const by of ["variability", "similarity", "timescale"]) {
      assert.deepEqual(rowOrder({ hidden }, by, size).slice(2), [1, 0, 4], by);
    }
    assert.deepEqual(mostTelling(hidden, ["a", "b", "c"], size).slice(2), [1, 0, 4]);
    const keep = columns([1, 1, 1], [0.5, 0.5, 0.5], [nothing, 1, 1], [0, 1, 1], [1, 1, 1]);
    if (Number.isNaN(nothing)) assert.deepEqual(rowOrder({ hidden, keep }, "timescale", size), [1, 3, 0, 2, 4]);
  }
});

test("nothing to order, one step and one unit are orders", () => {
  assert.deepEqual(mostTelling(new Float32Array(0), [], { units: 3, steps: 0 }), [0, 1, 2]);
  for (const by of ["index", "variability", "similarity", "timescale"]) {
    assert.deepEqual(rowOrder({ hidden: new Float32Array(0) }, by, { units: 2, steps: 0 }), [0, 1], by);
    assert.deepEqual(rowOrder({ hidden: Float32Array.of(0.3, 0.9) }, by, { units: 2, steps: 1 }), [0, 1], by);
    assert.deepEqual(rowOrder({ hidden: Float32Array.of(0.3, 0.9) }, by, { units: 1, steps: 2 }), [0], by);
  }
});

test("of all turns of a tree the order found is the shortest", () => {
  let seed = 1;
  const drawn = (most) => {
    seed = (seed * 48271) % 2147483647;
    return seed % most;
  };
  for (let round = 0; round < 40; round++) {
    const leaves = 2 + (round % 7);
    const distances = new Float64Array(leaves ** 2);
    for (let one = 0; one < leaves; one++) {
      for (let other = 0; other < one; other++) {
        distances[one * leaves + other] = distances[other * leaves + one] = drawn(round < 20 ? 4 : 1000);
      }
    }
    const children = averageLinkage(distances, leaves);
    const turns = (node) => {
      if (node < leaves) return [[node]];
      const [left, right] = children[node - leaves].map(turns);
      return left.flatMap((one) => right.flatMap((other) => [one.concat(other), other.concat(one)]));
    };
    const length = (order) => order.slice(1).reduce((sum, leaf, at) => sum + distances[order[at] * leaves + leaf], 0);
    const lengths = turns(2 * leaves - 2).map(length);
    assert.equal(length(leafOrder(children, distances)), Math.min(...lengths));
  }
});
