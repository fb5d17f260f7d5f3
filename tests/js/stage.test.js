import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readTensors } from "../../viz/live/engine/safetensors.js";
import { weightsPart } from "../../viz/live/layer_parts.js";
import { LiveModel } from "../../viz/live/model.js";
import { firstUnit, layerOf, passageOf, recordingOf, signalsOf } from "../../viz/live/stage.js";
import { Reading } from "../../viz/step/reading.js";
import { compare, partOf } from "./reference.js";

const NEAR = 1e-5;
const SPOKEN = { "␣": "space", "⏎": "new line", "⇥": "tab" };

function bytesOf(folder) {
  const { buffer, byteOffset, byteLength } = readFileSync(
    join(process.env.GATESCOPE_ENGINE, folder, "model.safetensors"),
  );
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

/** The models of a stage, which have read its text, and of each a reading made here and one of what Python sends. */
function opened({ name, text, layer, cell, models, sides }) {
  return models.map(({ folder, facts }, at) => {
    const bytes = bytesOf(folder);
    const model = new LiveModel(facts, bytes);
    model.read(text);
    const own = layerOf(model, layer);
    assert.deepEqual(own.cell, cell, name);
    const here = {
      weights: weightsPart(model, readTensors(bytes), layer),
      recording: recordingOf(model, layer, "why"),
    };
    const there = { weights: partOf(sides[at].weights), recording: partOf(sides[at].recording) };
    const readings = [here, there].map((parts) => new Reading({ title: folder, ...own, ...parts }));
    return { model, here, there, readings };
  });
}

function near(found, wanted, what) {
  assert.equal(Number.isFinite(found), Number.isFinite(wanted), `${what}: ${found}, ${wanted}`);
  if (Number.isFinite(wanted))
    assert.ok(Math.abs(found - wanted) <= NEAR * Math.max(1, Math.abs(wanted)), `${what}: ${found}, ${wanted}`);
}

function each(stages, check) {
  assert.ok(stages.length > 15);
  for (const stage of stages) for (const side of opened(stage)) check(stage, side);
}

compare("signals, weights and states are those that Python sends", ({ stages }) => {
  each(stages, ({ name }, { here, there }) => {
    for (const kind of ["weights", "recording"]) {
      for (const [array, wanted] of Object.entries(there[kind].arrays)) {
        const found = here[kind].arrays[array];
        if (!found) continue; // made step by step: below
        assert.deepEqual(here[kind].facts.shapes[array], there[kind].facts.shapes[array], `${name}, ${array}`);
        assert.equal(found.length, wanted.length, `${name}, ${array}`);
        for (let at = 0; at < wanted.length; at++) near(found[at], wanted[at], `${name}, ${array}`);
      }
      const lacking = Object.keys(here[kind].arrays).filter((array) => !(array in there[kind].arrays));
      assert.deepEqual(lacking, [], name);
    }
  });
});

compare("the terms of every gate are the same", ({ stages }) => {
  each(stages, ({ name }, { readings: [here, there] }) => {
    assert.deepEqual([here.start, here.stop, here.sources], [there.start, there.stop, there.sources]);
    for (let step = 0; step < here.stop; step += 3)
      for (let unit = 0; unit < here.units; unit += 5)
        for (const gate of here.gates) {
          const [found, wanted] = [here, there].map((reading) => reading.terms(gate, unit, step));
          assert.deepEqual(Object.keys(found), Object.keys(wanted));
          for (const term of Object.keys(wanted))
            near(found[term], wanted[term] ?? Number.NaN, `${name}, ${gate} ${term}`);
        }
  });
});

compare("predictions, their changes, surprisal and what came are the same", ({ stages }) => {
  each(stages, ({ name }, { readings: [here, there] }) => {
    const { kind } = there.facts;
    assert.equal(here.facts.kind, kind, name);
    assert.deepEqual(here.facts.digits, there.facts.digits, name);
    for (let step = 0; step < here.stop; step++) {
      near(here.surprise(step), there.surprise(step), `${name}, surprisal`);
      assert.equal(here.came(step), there.came(step), name);
      const [found, wanted] = [here, there].map((reading) => [...reading.expected(step), ...reading.values(step)]);
      assert.equal(found.length, wanted.length, name);
      for (const [rank, one] of wanted.entries()) {
        for (const number of ["chance", "before", "value", "came"])
          if (number in one) near(found[rank][number], one[number], `${name}, ${number} at rank ${rank}`);
        assert.equal(found[rank].fallen, one.fallen, name);
        // Of two that are as likely, rounding may put either first.
        const tied = wanted.some((other) => other !== one && Math.abs(other.chance - one.chance) < NEAR);
        if (!tied && !one.fallen && Number.isFinite(one.chance)) assert.equal(found[rank].label, one.label, name);
      }
    }
  });
});

compare("what is held changes what follows, whatever was held before, to the same bits", ({ stages }) => {
  const { models, text } = stages.find(({ name }) => name === "uneven, layer1");
  const [{ folder, facts }] = models;
  const held = [
    [{ layer: "layer1", signal: "update", value: 0.5, units: [1], start: 9, stop: 10 }],
    [{ layer: "layer1", signal: "update", value: 0.25, units: [1], start: 9, stop: null }],
    [{ layer: "layer2", signal: "hidden", value: 1, units: [0, 3], start: 3, stop: 4 }],
    [],
    [{ layer: "layer0_reverse", signal: "forget", value: 0, units: [2], start: 12, stop: 13 }],
  ];
  const dragged = new LiveModel(facts, bytesOf(folder));
  for (const interventions of held) {
    const fresh = new LiveModel(facts, bytesOf(folder));
    for (const model of [dragged, fresh]) model.read(text, interventions);
    for (const layer of fresh.layers)
      for (const signal of Object.keys(fresh.direction(layer).signals))
        assert.deepEqual(dragged.signal(layer, signal), fresh.signal(layer, signal), `${layer} ${signal}`);
    for (let step = 0; step < fresh.steps; step++) assert.deepEqual(dragged.predicted(step), fresh.predicted(step));
  }
});

compare("the passage, the ends of the colour scales and the first unit are the same", ({ stages }) => {
  for (const stage of stages) {
    const { name, layer, limits, passage, signals, unit } = stage;
    const models = opened(stage).map(({ model }) => model);
    const { shapes: _, ...wanted } = passage;
    const found = passageOf(models[0], SPOKEN);
    assert.deepEqual(
      { ...found, pieces: Object.entries(found.pieces) },
      { ...wanted, pieces: Object.entries(wanted.pieces) },
    );
    for (const signal of signalsOf(models, layer, signals)) assert.deepEqual(signal.limits, limits[signal.name], name);
    const card = models[0].facts.unit;
    assert.equal(firstUnit(models[0], layer), card !== null && layer === models[0].layers[0] ? card : unit, name);
  }
});
