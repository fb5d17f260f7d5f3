import assert from "node:assert/strict";
import { test } from "node:test";
import { factor, fixed, percent } from "../../viz/browser/format.js";

test("a number has its digits and a true minus sign", () => {
  assert.equal(fixed(0.12345), "0.123");
  assert.equal(fixed(-1.5, 1), "−1.5");
  assert.equal(fixed(12, 0), "12");
});

test("zero has no minus, however it came to be", () => {
  assert.equal(fixed(-0, 2), "0.00");
  assert.equal(fixed(-0.0004), "0.000");
  assert.equal(fixed(-0.0006), "−0.001");
});

test("what is no number is a dash", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, undefined]) {
    assert.equal(fixed(value), "–");
    assert.equal(factor(value), "–");
    assert.equal(percent(value), "–");
  }
});

test("after a times sign a negative number is in parentheses", () => {
  assert.equal(factor(-0.25, 2), "(−0.25)");
  assert.equal(factor(0.25, 2), "0.25");
  assert.equal(factor(-0.0001, 2), "0.00");
});

test("a per cent has a decimal below ten, and none above", () => {
  assert.equal(percent(0.0004), "< 0.1 %");
  assert.equal(percent(0.0005), "0.1 %");
  assert.equal(percent(0.0994), "9.9 %");
  assert.equal(percent(0.0996), "10 %");
  assert.equal(percent(1), "100 %");
});
