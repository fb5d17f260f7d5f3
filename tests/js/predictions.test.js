import assert from "node:assert/strict";
import { test } from "node:test";
import { drawn, expectedChange, largest, predicted, softmax, surprisal } from "../../viz/live/engine/predictions.js";
import { compare } from "./reference.js";

const near = (one, other, most, message) =>
  assert.ok(Math.abs(one - other) <= most, `${message}: ${one}, not ${other}`);

compare("predictions of every kind of model are Python's", ({ predictions }) => {
  for (const { name, readout, output, predicted: wanted } of predictions) {
    for (const [step, row] of output.entries()) {
      const found = Array.from(predicted(readout, Float32Array.from(row)));
      assert.equal(found.length, wanted[step].length, name);
      for (const [at, value] of found.entries()) near(value, wanted[step][at], 1e-6, `${name}, step ${step}`);
    }
  }
});

compare("so are surprisals, the likeliest and the fallen", ({ predictions }) => {
  const told = predictions.filter(({ surprise }) => surprise);
  assert.equal(told.length, 2);
  for (const { name, readout, output, came, surprise, classes, before } of told) {
    const rows = output.map((row) => predicted(readout, Float32Array.from(row)));
    for (const [step, one] of came.entries()) near(surprisal(rows[step][one]), surprise[step], 1e-5, name);
    for (const [step, row] of rows.entries()) {
      const found = expectedChange(row, rows[step - 1] ?? null, 3, 1);
      assert.deepEqual(
        found.map(({ at }) => at),
        classes[step],
        `${name}, step ${step}`,
      );
      for (const [rank, one] of found.entries()) near(step ? one.before : -1, before[step][rank], 1e-6, name);
    }
  }
});

test("the largest come first, ties by class, NaN last", () => {
  assert.deepEqual(largest([0.2, Number.NaN, 0.5, 0.2, 0.5], 5), [2, 4, 0, 3, 1]);
  assert.deepEqual(largest([0.2, 0.5], 1), [1]);
});

test("a softmax sums to 1 where logits are huge, and a certainty surprises by nothing", () => {
  assert.deepEqual(Array.from(softmax([1e4, 1e4, -1e4], 1)), [0.5, 0.5, 0]);
  assert.ok(Object.is(surprisal(1), 0));
  assert.equal(surprisal(0), 126);
});

test("classes are drawn as often as their probability says, and at temperature 0 the likeliest", () => {
  const logits = [Math.log(0.5), Math.log(0.3), Math.log(0.2)];
  const counts = [0, 0, 0];
  for (let at = 0; at < 1000; at++) counts[drawn(logits, 1, (at + 0.5) / 1000)] += 1;
  assert.deepEqual(counts, [500, 300, 200]);
  assert.equal(drawn([1, 3, 3], 0, 0.99), 1);
  assert.equal(drawn(logits, 1e-3, 0.999), 0);
  assert.equal(drawn([0, 0], 1, 1 - 2 ** -53), 1);
});
