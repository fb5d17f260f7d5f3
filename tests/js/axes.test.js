import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest, powers, ticks } from "../../viz/browser/axes.js";

test("ticks are 1, 2 or 5 times a power of ten apart", () => {
  assert.deepEqual(ticks(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks(0, 3000, 6), [0, 500, 1000, 1500, 2000, 2500, 3000]);
  assert.deepEqual(ticks(0.93, 1.27, 4), [1, 1.1, 1.2]);
  assert.deepEqual(ticks(0, 7, 7), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test("ticks have the digits that a person writes, and the last one is not lost by rounding", () => {
  assert.deepEqual(ticks(0, 0.3, 3), [0, 0.1, 0.2, 0.3]); // 3 * 0.1 is 0.30000000000000004
  assert.deepEqual(ticks(-0.35, 0.1, 4), [-0.2, 0]);
});

test("ticks lie between the ends", () => {
  for (const [low, high] of [
    [-1.37, 2.91],
    [1e-7, 3e-7],
    [12345, 98765],
    [0.1, 1000],
  ]) {
    const found = ticks(low, high, 4);
    assert.ok(found.length > 0 && found.length <= 5, `${found}`);
    assert.ok(found[0] >= low && found[found.length - 1] <= high, `${found}`);
  }
});

test("a logarithmic axis has 0, 1 and the powers of ten", () => {
  assert.deepEqual(powers(1), [0, 1]);
  assert.deepEqual(powers(0), [0]);
  assert.deepEqual(powers(1000), [0, 1, 10, 100, 1000]);
  assert.deepEqual(powers(999), [0, 1, 10, 100]);
});

test("the nearest of some steps is found, the later of two that are as near", () => {
  assert.equal(nearest([0, 10, 20], 14), 1);
  assert.equal(nearest([0, 10, 20], 16), 2);
  assert.equal(nearest([0, 10, 20], 15), 2);
  assert.equal(nearest([0, 10, 20], -5), 0);
  assert.equal(nearest([0, 10, 20], Number.POSITIVE_INFINITY), 2);
  assert.equal(nearest([], 3), -1);
});
