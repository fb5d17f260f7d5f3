import assert from "node:assert/strict";
import { test } from "node:test";
import { Scale } from "../../viz/browser/colours.js";
import { Reading } from "../../viz/step/reading.js";
import { compare, numbers, partOf } from "./reference.js";

/** Of every reading from Python: itself as JavaScript has it, and a walk over its (step, unit) places. */
function each({ readings }, check) {
  assert.ok(readings.length > 10);
  for (const one of readings) {
    const { name, layer, weights, recording } = one;
    const reading = new Reading({ title: name, weights: partOf(weights), recording: partOf(recording), ...layer });
    for (let step = reading.start; step < reading.stop; step++)
      for (let unit = 0; unit < reading.units; unit++)
        check(reading, one, step, unit, (step - reading.start) * reading.units + unit);
  }
}

function near(found, wanted, tolerance, what) {
  if (Number.isNaN(wanted)) assert.ok(Number.isNaN(found), `${what}: ${found} is a number`);
  else assert.ok(Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted)), `${what}: ${found}, ${wanted}`);
}

compare("the terms of every gate are those of preactivation_terms", (reference) => {
  each(reference, (reading, { name, terms }, step, unit, at) => {
    for (const [gate, wanted] of Object.entries(terms)) {
      const found = reading.terms(gate, unit, step);
      const past = found.reset === undefined ? found.recurrent : found.reset * (found.recurrent + found.recurrentBias);
      const sent = { from_input: found.input, recurrent: past, bias: found.bias, peephole: found.peephole };
      for (const [term, values] of Object.entries(wanted))
        near(sent[term], numbers(values)[at], 1e-6, `${name}, ${gate}, ${term}, step ${step}, unit ${unit}`);
      const sum = Object.values(wanted).reduce((total, values) => total + numbers(values)[at], 0);
      const { clip } = reading.cell;
      near(found.sum, clip ? Math.min(Math.max(sum, -clip), clip) : sum, 1e-6, `${name}, ${gate}, sum`);
    }
  });
});

compare("gates are those that were recorded, also where only their levels were sent", (reference) => {
  each(reference, (reading, { name, values }, step, unit, at) => {
    for (const [gate, wanted] of Object.entries(values))
      near(reading.value(gate, step, unit), numbers(wanted)[at], 2e-6, `${name}, ${gate}, step ${step}, unit ${unit}`);
  });
});

compare("pushes add up to the recurrent term, the strongest first", (reference) => {
  each(reference, (reading, { name }, step, unit) => {
    for (const gate of reading.gates) {
      const pushes = reading.pushes(gate, unit, step, reading.sources);
      const sizes = pushes.map(({ push }) => Math.abs(push));
      assert.deepEqual(
        sizes,
        sizes.toSorted((one, other) => other - one),
        name,
      );
      const sum = pushes.reduce((total, { push }) => total + push, 0);
      near(sum, reading.terms(gate, unit, step).recurrent, 1e-12, `${name}, ${gate}`);
      assert.deepEqual(reading.pushes(gate, unit, step, 2), pushes.slice(0, 2));
    }
  });
});

const SIGMOID = { name: "sigmoid", slope: 0, offset: 0 };
const TANH = { name: "tanh", slope: 0, offset: 0 };
const CELL = {
  type: "RNN",
  gate: SIGMOID,
  candidate: TANH,
  shown: TANH,
  clip: 0,
  reset_after: true,
  peephole: false,
  projection: 0,
};

/** A simple RNN of two units that reads one number a step, over steps 3 and 4, in numbers that one can add up by hand. */
function small({ reverse = false, facts = { kind: "nothing", why: "" }, arrays = {}, cell = {} } = {}) {
  const weights = {
    facts: { gates: ["hidden"], shapes: { weight_hh: [1, 2, 2] } },
    arrays: {
      weight_ih: Float32Array.of(2, -1),
      weight_hh: Float32Array.of(0.5, 1, -3, 4),
      bias: Float32Array.of(0.25, 0),
    },
  };
  const recording = {
    facts: { start: 3, stop: 5, shapes: { read: [2, 1], expected: [2, 2] }, ...facts },
    arrays: {
      hidden: Float32Array.of(0.1, 0.2, 0.3, 0.4),
      before_hidden: Float32Array.of(-0.5, 0.5),
      read: Float32Array.of(10, 20),
      row: Int32Array.of(1, 0),
      ...arrays,
    },
  };
  return new Reading({ title: "small", weights, recording, reverse, units: 2, number: 0, cell: { ...CELL, ...cell } });
}

test("a sum is W x + U h + b, in numbers by hand", () => {
  const first = small().terms("hidden", 0, 3); // it reads 20, after h = (-0.5, 0.5)
  assert.deepEqual(first, { input: 40, recurrent: 0.25, bias: 0.25, peephole: 0, sum: 40.5 });
  const second = small().terms("hidden", 1, 4); // it reads 10, after h = (0.1, 0.2) in single precision
  assert.equal(second.input, -10);
  near(second.recurrent, 0.5, 1e-6, "-3 * 0.1 + 4 * 0.2");
});

test("a layer that reads from the right comes from the step after", () => {
  const { recurrent } = small({ reverse: true }).terms("hidden", 0, 3); // after h = (0.3, 0.4) of step 4
  near(recurrent, 0.55, 1e-6, "0.5 * 0.3 + 0.4");
  assert.equal(small({ reverse: true }).terms("hidden", 0, 4).recurrent, 0.25); // after the state that it sets out from
});

test("a clip cuts the sum and not its terms", () => {
  const { input, sum } = small({ cell: { clip: 3 } }).terms("hidden", 0, 3);
  assert.deepEqual([input, sum], [40, 3]);
});

test("the window is known by its steps", () => {
  const reading = small();
  assert.deepEqual(
    [2, 3, 4, 5].map((step) => reading.has(step)),
    [false, true, true, false],
  );
  assert.deepEqual(reading.column("hidden", 4), Float32Array.of(0.3, 0.4).subarray(0));
});

test("a colour is the level that was sent, or the level of the value", () => {
  const scale = new Scale(
    [-1, 1],
    [
      [0, "#000000"],
      [1, "#ffffff"],
    ],
  );
  assert.equal(small({ arrays: { hidden: Float32Array.of(0, 1, 1, 1) } }).level("hidden", 3, 1, scale), 255);
  assert.equal(small({ arrays: { hidden: Uint8Array.of(9, 8, 7, 6) } }).level("hidden", 4, 0, scale), 7);
});

test("expected tokens come with what was expected before", () => {
  const facts = { kind: "next", likeliest: 1, labels: { 5: "e", 9: "x" } };
  const arrays = {
    expected: Int32Array.of(9, 5, 5, 9),
    probability: Float32Array.of(0.5, 0.25, 0.75, 0.125),
    probability_before: Float32Array.of(Number.NaN, Number.NaN, 0.25, 0.5),
    came: Int32Array.of(5, -1),
    surprise: Float32Array.of(Number.NaN, 2),
  };
  const reading = small({ facts, arrays });
  assert.deepEqual(reading.expected(4), [
    { label: "e", class: 5, chance: 0.75, before: 0.25, fallen: false },
    { label: "x", class: 9, chance: 0.125, before: 0.5, fallen: true },
  ]);
  assert.deepEqual([reading.came(3), reading.came(4), reading.surprise(4)], [5, -1, 2]);
  assert.deepEqual(reading.values(4), []);
});

test("numbers that are predicted come with their names, and a forecast with what came", () => {
  const facts = { kind: "values", ahead: true, names: ["a", "b"], digits: [1, 2] };
  const arrays = {
    value: Float32Array.of(1, 2, 3, 4),
    value_before: Float32Array.of(0, 0, 1, 2),
    value_came: Float32Array.of(3.5, 4.5, Number.NaN, Number.NaN),
  };
  const reading = small({ facts, arrays });
  assert.deepEqual(reading.values(3)[1], { name: "b", digits: 2, value: 2, before: 0, came: 4.5 });
  assert.deepEqual(reading.values(4)[0], { name: "a", digits: 1, value: 3, before: 1, came: Number.NaN });
  delete reading.arrays.value_came; // of what is not ahead
  assert.deepEqual(reading.values(3)[1].came, Number.NaN);
  assert.deepEqual([reading.expected(3), reading.came(3), reading.surprise(3)], [[], -1, Number.NaN]);
});
