import assert from "node:assert/strict";
import { test } from "node:test";
import { squash } from "../../viz/live/engine/activations.js";
import { activationOf, SYMBOLS, written } from "../../viz/step/kinds.js";
import { compare } from "./reference.js";

compare("activations are those of lstm_core/cells.py", ({ activations }) => {
  assert.equal(activations.length, 8);
  for (const { sums, values, ...activation } of activations) {
    for (const [index, sum] of sums.entries()) {
      const found = squash(activation, sum);
      assert.ok(Math.abs(found - values[index]) < 1e-12, `${activation.name}(${sum}) is ${found}`);
    }
  }
});

test("sigmoids are written as σ, and linear as nothing", () => {
  assert.equal(written({ name: "sigmoid" }), "σ");
  assert.equal(written({ name: "hard_sigmoid" }), "hard\u00a0σ");
  assert.equal(written({ name: "linear" }), "");
  assert.equal(written({ name: "softsign" }), "softsign");
});

test("candidates and the state of a simple RNN have an activation of their own", () => {
  const cell = { gate: { name: "sigmoid" }, candidate: { name: "relu" } };
  for (const gate of ["forget", "input", "output", "reset", "update"])
    assert.equal(activationOf(cell, gate), cell.gate);
  for (const gate of ["candidate", "hidden"]) assert.equal(activationOf(cell, gate), cell.candidate);
});

test("each type of cell has its gates", () => {
  assert.deepEqual(Object.keys(SYMBOLS.LSTM), ["forget", "input", "candidate", "output"]);
  assert.deepEqual(Object.keys(SYMBOLS.GRU), ["reset", "update", "candidate"]);
  assert.deepEqual(Object.keys(SYMBOLS.RNN), ["hidden"]);
});
