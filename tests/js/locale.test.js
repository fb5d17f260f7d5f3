import assert from "node:assert/strict";
import { test } from "node:test";
import { _, fill, N_, speak } from "../../viz/browser/locale.js";

test("a sentence is looked up when it is shown, and stays as it is without a translation", () => {
  const constant = N_("Play");
  assert.equal(_(constant), "Play");
  speak({ Play: "Abspielen" });
  assert.deepEqual([_(constant), _("Pause"), _("toString")], ["Abspielen", "Pause", "toString"]);
  speak(undefined);
  assert.equal(_(constant), "Play");
});

test("values are put in by name, once, and unknown names stay", () => {
  assert.equal(fill("Unit {unit} at step {step}", { unit: 3, step: "{unit}" }), "Unit 3 at step {unit}");
  assert.equal(fill("{toString} and {unit}", { unit: 0 }), "{toString} and 0");
});
