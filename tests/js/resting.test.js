import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Resting } from "../../viz/browser/resting.js";

class Element extends EventTarget {
  /** @type {unknown[]} */
  children = [];

  contains(other) {
    return other === this || this.children.includes(other);
  }

  closest() {
    return null;
  }
}

class Link extends Element {
  target = "_self";
  clicks = 0;

  closest() {
    return this;
  }

  click() {
    this.clicks += 1;
  }
}

Object.assign(globalThis, { Node: Element, Element, HTMLAnchorElement: Link });

/** A reader's click, as far as `Resting` looks at it. */
function clicked(resting, target, how = {}) {
  const event = { target, isTrusted: true, button: 0, preventDefault: mock.fn(), stopImmediatePropagation: mock.fn() };
  resting.onClick({ ...event, ...how });
  return event.preventDefault.mock.callCount() > 0;
}

function rested() {
  const root = new Element();
  const state = { place: [3, 1], playing: false, waiting: false, writing: false, stopped: 0 };
  const told = [];
  const resting = new Resting(root, {
    place: () => state.place,
    playing: () => state.playing,
    waiting: () => state.waiting,
    writing: () => state.writing,
    tell: () => told.push(state.place),
    stop: () => {
      state.stopped += 1;
    },
  });
  return { root, state, told, resting };
}

beforeEach(() => {
  globalThis.document = new EventTarget();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

const pass = (milliseconds) => mock.timers.tick(milliseconds);

test("a place is told once one has been there for half a second, and once", () => {
  const { resting, told } = rested();
  resting.soon();
  pass(400);
  resting.soon();
  pass(400);
  assert.deepEqual(told, []);
  pass(100);
  resting.soon();
  pass(500);
  assert.deepEqual(told, [[3, 1]]);
});

test("what Python knows, and what is not there yet, is not told", () => {
  const { resting, state, told } = rested();
  resting.knows([3, 1]);
  resting.soon();
  pass(500);
  state.place = null;
  resting.soon();
  pass(500);
  assert.deepEqual(told, []);
});

for (const reason of ["playing", "waiting"]) {
  test(`nothing is told while ${reason}`, () => {
    const { resting, state, told } = rested();
    state[reason] = true;
    resting.soon();
    pass(500);
    assert.deepEqual(told, []);
  });
}

test("leaving by pointer or focus counts as resting; the focus may move inside", () => {
  const { root, resting, state, told } = rested();
  const inner = new Element();
  root.children.push(inner);
  const moved = (to) => root.dispatchEvent(Object.assign(new Event("focusout"), { relatedTarget: to }));
  moved(inner);
  pass(0);
  assert.deepEqual(told, []);
  moved(null);
  pass(0);
  assert.deepEqual(told, [[3, 1]]);
  state.place = [4, 1];
  root.dispatchEvent(new Event("pointerleave"));
  pass(0);
  assert.deepEqual(told[1], [4, 1]);
  resting.leave();
  state.place = [5, 1];
  root.dispatchEvent(new Event("pointerleave"));
  pass(0);
  assert.equal(told.length, 2);
});

test("a link to a page waits until Python has taken the place, and nothing more is asked for", () => {
  const { resting, state, told } = rested();
  const link = new Link();
  state.playing = true;
  assert.ok(clicked(resting, link));
  assert.deepEqual([told, state.stopped, link.clicks], [[[3, 1]], 1, 0]);
  resting.taken();
  assert.equal(link.clicks, 1);
  pass(5000);
  assert.equal(link.clicks, 1);
});

test("so does one after the place was told, until that is taken", () => {
  const { resting, told } = rested();
  const link = new Link();
  resting.now();
  assert.ok(clicked(resting, link));
  resting.taken();
  assert.ok(!clicked(resting, link));
  assert.equal(told.length, 1);
});

test("a link does not wait for ever, and the last click counts", () => {
  const { resting } = rested();
  const [first, last] = [new Link(), new Link()];
  assert.ok(clicked(resting, first));
  pass(600);
  assert.ok(clicked(resting, last));
  pass(600);
  assert.deepEqual([first.clicks, last.clicks], [0, 0]);
  pass(400);
  assert.deepEqual([first.clicks, last.clicks], [0, 1]);
});

test("a stage that is gone follows no link", () => {
  const { resting } = rested();
  const link = new Link();
  clicked(resting, link);
  resting.leave();
  pass(5000);
  assert.equal(link.clicks, 0);
});

test("other clicks are left alone", () => {
  const { root, resting, state, told } = rested();
  const link = new Link();
  const blank = new Link();
  blank.target = "_blank";
  const inner = new Link();
  root.children.push(inner);
  assert.ok(!clicked(resting, new Element()));
  assert.ok(!clicked(resting, blank));
  assert.ok(!clicked(resting, inner));
  for (const how of [{ isTrusted: false }, { button: 1 }, { ctrlKey: true }, { metaKey: true }, { shiftKey: true }]) {
    assert.ok(!clicked(resting, link, how));
  }
  state.writing = true;
  assert.ok(!clicked(resting, link));
  assert.deepEqual(told, []);
});
