import assert from "node:assert/strict";
import { recordedModel } from "../../viz/live/recorded.js";
import { compare } from "./reference.js";

/** What JSON has as a list of bytes is a DataView in a notebook, somewhere within a buffer. */
function viewed(sent) {
  if (Array.isArray(sent) || typeof sent !== "object") return sent;
  if (sent.bytes) return new DataView(Uint8Array.from([9, 9, 9, ...sent.bytes]).buffer, 3);
  return Object.fromEntries(Object.entries(sent).map(([name, one]) => [name, viewed(one)]));
}

function close(found, wanted) {
  assert.equal(found.length, wanted.length);
  for (const [at, value] of wanted.entries())
    assert.ok(Math.abs(found[at] - value) <= 1e-6 * Math.max(1, Math.abs(value)));
}

compare("a recording is a model that has its own numbers, whatever it is to read", ({ recordings }) => {
  assert.equal(recordings.length, 4);
  for (const { facts, sent, layers, initial, predicted, surprise, came } of recordings) {
    const model = recordedModel(facts, viewed(sent));
    model.read("something else");
    assert.deepEqual(model.tokens.labels, sent.labels);
    assert.deepEqual(model.layers, Object.keys(layers));
    for (const [layer, signals] of Object.entries(layers)) {
      const { units, nothing, empty } = model.direction(layer);
      close(nothing, initial[layer].hidden);
      close(empty, initial[layer].cell);
      for (const [name, values] of Object.entries(signals)) {
        close(model.signal(layer, name), values);
        close(model.direction(layer).column(name, 1), values.slice(units, 2 * units));
      }
    }
    for (const [step, row] of predicted.entries()) close(model.predicted(step), row);
    for (const [step, bits] of surprise.entries()) assert.ok(Math.abs(model.surprise(step + 1) - bits) < 1e-4);
    for (const [step, row] of came.entries()) if (step + 1 < model.steps) close(model.valuesCame(step), row);
  }
});
