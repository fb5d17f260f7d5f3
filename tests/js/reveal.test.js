// How far a window is scrolled to what a click promised.

import assert from "node:assert/strict";
import { test } from "node:test";
import { distance } from "../../viz/browser/reveal.js";

test("what is in the window stays where it is, and nothing is scrolled further than it must be", () => {
  assert.equal(distance(100, 500, 60, 720), 0);
  assert.equal(distance(600, 900, 60, 720), 900 - 720 + 8); // its end is then a little above the window's
  assert.equal(distance(-40, 200, 60, 720), -40 - 60 - 8); // its beginning below the page's head
  assert.equal(distance(700, 2000, 60, 720), 700 - 60 - 8); // too high for the window: its beginning
  assert.equal(distance(200, 850, 60, 720), 200 - 60 - 8);
});
