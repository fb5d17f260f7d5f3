import assert from "node:assert/strict";
import { test } from "node:test";
import { mount } from "../../viz/browser/mount.js";

/** As much of an element as this needs. */
class Element {
  isConnected = true;
}

function component() {
  const log = [];
  const made = mount(".one", () => {
    log.push("made");
    return { receive: ({ data }) => log.push(data), leave: () => log.push("left") };
  });
  return { log, made };
}

globalThis.HTMLElement = Element;

test("what is made for an element gets every call, and leaves with the element", () => {
  const { log, made } = component();
  const root = new Element();
  const parentElement = { querySelector: () => root };
  const first = made({ parentElement, data: 1 });
  const second = made({ parentElement, data: 2 });
  first(); // Streamlit cleans up after a call that a later one has overtaken
  assert.deepEqual(log, ["made", 1, 2]);
  root.isConnected = false;
  second();
  assert.deepEqual(log, ["made", 1, 2, "left"]);
  first();
  assert.deepEqual(log, ["made", 1, 2, "left"]);
});

test("another element is another component", () => {
  const { log, made } = component();
  for (const data of [1, 2]) made({ parentElement: { querySelector: () => new Element() }, data });
  assert.deepEqual(log, ["made", 1, "made", 2]);
});

test("an element that is not there is an error that names it", () => {
  const { made } = component();
  assert.throws(() => made({ parentElement: { querySelector: () => null }, data: 1 }), /no Element is at \.one/);
});
