import assert from "node:assert/strict";
import { test } from "node:test";
import { extended } from "../../viz/live/span.js";

test("Shift and an arrow key mark as in a text: one end moves, past the other too", () => {
  let place = { step: 5, steps: 8, span: /** @type {[number, number] | null} */ (null) };
  const press = (/** @type {string} */ key) => {
    place = { ...place, ...extended(key, place) };
    return [place.step, place.span];
  };
  assert.deepEqual(press("ArrowRight"), [6, [5, 7]]);
  assert.deepEqual(press("ArrowRight"), [7, [5, 8]]);
  assert.deepEqual(press("ArrowRight"), [7, [5, 8]]);
  for (let count = 0; count < 3; count++) press("ArrowLeft");
  assert.deepEqual([place.step, place.span], [4, [4, 6]]);
  assert.deepEqual(press("ArrowRight"), [5, [5, 6]]);
});

test("from elsewhere it marks anew, and other keys mark nothing", () => {
  assert.deepEqual(extended("ArrowLeft", { step: 1, steps: 8, span: [4, 7] }), { step: 0, span: [0, 2] });
  assert.equal(extended("ArrowUp", { step: 1, steps: 8, span: null }), null);
  assert.equal(extended("ArrowLeft", { step: 0, steps: 0, span: null }), null);
});
