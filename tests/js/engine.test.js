import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { editsOf } from "../../viz/live/engine/interventions.js";
import { PlainKernel, SimdKernel } from "../../viz/live/engine/kernel.js";
import { Network } from "../../viz/live/engine/network.js";
import { readTensors } from "../../viz/live/engine/safetensors.js";

const NEAR = 1e-5;
const ROUNDINGS = 4; // where float32 in Python is further than that from double precision: so many times as far
const folder = process.env.GATESCOPE_ENGINE;
const models = folder ? readdirSync(folder) : [];

function tensorsOf(...path) {
  const { buffer, byteOffset, byteLength } = readFileSync(join(folder, ...path));
  return readTensors(buffer.slice(byteOffset, byteOffset + byteLength));
}

function opened(model, Kernel = SimdKernel) {
  const { config } = JSON.parse(readFileSync(join(folder, model, "model.json"), "utf-8"));
  return new Network(new Kernel(), config, tensorsOf(model, "model.safetensors"));
}

function textOf(model, steps) {
  const given = JSON.parse(readFileSync(join(folder, model, `${steps}.json`), "utf-8"));
  return Array.isArray(given[0]) ? given.map((numbers) => Float32Array.from(numbers)) : Int32Array.from(given);
}

/** The numbers of steps that there are references for. */
function lengthsOf(model) {
  const names = readdirSync(join(folder, model)).filter((name) => /^\d+\.json$/.test(name));
  const found = names.map((name) => Number.parseInt(name, 10)).sort((one, other) => one - other);
  assert.deepEqual(found.slice(0, 2), [1, 2]);
  return found;
}

/** All signals of all layers, and what the readout outputs, by the names of the reference. */
function found(network, steps) {
  const signals = {};
  for (const [name, direction] of Object.entries(network.directions)) {
    for (const signal of Object.keys(direction.signals)) {
      signals[`${name} ${signal}`] = Array.from({ length: steps }, (_, step) => direction.column(signal, step));
    }
  }
  signals.output = Array.from({ length: steps }, (_, step) => network.output(step));
  return signals;
}

/** The largest difference of two numbers; of what is large, in proportion to it. A NaN is one where the other is one. */
function difference(rows, values) {
  let [largest, at] = [0, 0];
  for (const row of rows) {
    for (const value of row) {
      const wanted = values[at++];
      if (Number.isNaN(wanted) !== Number.isNaN(value)) return Number.POSITIVE_INFINITY;
      if (!Number.isNaN(wanted)) largest = Math.max(largest, Math.abs(value - wanted) / Math.max(1, Math.abs(wanted)));
    }
  }
  return at === values.length ? largest : Number.POSITIVE_INFINITY;
}

function assertEqual(signals, { rounding, ...wanted }, message) {
  const near = Math.max(NEAR, ROUNDINGS * (rounding?.values[0] ?? 0));
  assert.deepEqual(Object.keys(signals).sort(), Object.keys(wanted).sort());
  for (const [name, rows] of Object.entries(signals)) {
    const largest = difference(rows, wanted[name].values);
    assert.ok(largest < near, `${message}: ${name} differs by ${largest}`);
  }
}

const skip = folder ? false : "run it by: pytest tests/js";

test("there are models to compare", { skip }, () => assert.ok(models.length > 30));

for (const model of models) {
  test(`${model}: every signal and output is Python's`, () => {
    const network = opened(model);
    for (const steps of lengthsOf(model)) {
      network.read(textOf(model, steps));
      assertEqual(found(network, steps), tensorsOf(model, `${steps}.safetensors`), `${steps} steps`);
    }
  });
}

test("with signals clamped all others follow as Python's do", { skip }, () => {
  const clamped = models.filter((model) => existsSync(join(folder, model, "clamped.json")));
  assert.equal(clamped.length, 5);
  for (const model of clamped) {
    const network = opened(model);
    const interventions = JSON.parse(readFileSync(join(folder, model, "clamped.json"), "utf-8"));
    network.read(textOf(model, 200), 0, editsOf(interventions));
    assertEqual(found(network, 200), tensorsOf(model, "clamped.safetensors"), model);
  }
});

test("without WebAssembly the numbers are the same", { skip }, () => {
  for (const model of ["uneven", "peepholes", "both ways", "weather"]) {
    const network = opened(model, PlainKernel);
    network.read(textOf(model, 200));
    assertEqual(found(network, 200), tensorsOf(model, "200.safetensors"), model);
  }
});

test("after a change only what follows it is read again, to the same bits", { skip }, () => {
  for (const model of ["three layers", "both ways", "uneven", "gru"]) {
    const text = textOf(model, 200);
    const changed = text.map((id, step) => (step === 60 ? (id + 3) % 7 : id));
    const [network, whole] = [opened(model), opened(model)];
    const readings = [
      [text.slice(0, 150), 0],
      [text.slice(0, 151), 150], // a key at the end
      [text, 151],
      [changed, 60], // one in the middle
      [changed.slice(0, 40), 40],
      [changed.slice(0, 40), 40],
      [text, 40],
    ];
    for (const [now, from] of readings) {
      network.read(now, from);
      whole.read(now);
      assert.deepEqual(found(network, now.length), found(whole, now.length), `${model}, from ${from}`);
    }
  }
});
