import assert from "node:assert/strict";
import { test } from "node:test";
import { joined, others, together } from "../../viz/browser/address.js";

test("parameters of others are told from ours by their name, however it is written", () => {
  assert.deepEqual(others("?b=1&text=x&a&%74ext=y&text%20=z&%FF=1", ["text"]), ["b=1", "a", "text%20=z", "%FF=1"]);
  assert.deepEqual(others("", ["text"]), []);
});

test("what is kept stays as often as in the one that has it oftener", () => {
  assert.deepEqual(together(["a=1", "b=1"], ["b=1", "b=1", "c=1"]), ["a=1", "b=1", "b=1", "c=1"]);
});

test("an address has a question mark only where something follows", () => {
  assert.equal(joined([], ""), "");
  assert.equal(joined(["a=1"], "text=x"), "?a=1&text=x");
});
