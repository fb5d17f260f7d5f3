import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, optionsFrom } from "../../viz/live/links.js";
import { unitAddress } from "../../viz/live/unit_line.js";

const USUAL = {
  text: "O Romeo",
  layer: "",
  signals: [],
  sort: "index",
  which: "telling",
  units: [],
  unit: 7,
  step: null,
  zoom: null,
  span: null,
  before: false,
  card: "signals",
};

test("an address restores what it was made of", () => {
  const shown = {
    text: "a&b=c #1 % + \n\u2028 🎭 <b>",
    layer: "layer1_reverse",
    signals: ["forget", "cell"],
    sort: "timescale",
    which: "pick",
    units: [0, 12],
    unit: null,
    step: 3,
    zoom: [4, 40],
    span: [10, 24],
    before: true,
    card: "because",
  };
  assert.deepEqual(optionsFrom(`#embed&page=step&${hashOf(shown, USUAL)}`, USUAL), shown);
  assert.deepEqual(optionsFrom(hashOf(USUAL, shown), shown), USUAL);
});

test("what is as usual is in no address", () => {
  assert.equal(hashOf({ ...USUAL }, USUAL), "");
  assert.equal(hashOf({ ...USUAL, step: 3 }, USUAL), "step=3");
});

test("an address of what there is not changes nothing", () => {
  const wrong = "unit=-1&step=1e3&sort=size&which=&units=1,x&zoom=9-3&before=yes&card=nothing&nonsense=1&__proto__=2";
  assert.deepEqual(optionsFrom(wrong, USUAL), USUAL);
  assert.deepEqual(optionsFrom("unit=99999999&zoom=1-2-3&units=1,,2", USUAL), USUAL);
});

test("a unit has an address, whatever its model is called", () => {
  assert.equal(
    unitAddress({ model: "python", layer: "layer0", unit: 132 }),
    "units?model=python&layer=layer0&unit=132",
  );
  const awkward = unitAddress({ model: "a&unit=1 #é", layer: "layer1_reverse", unit: 0 });
  assert.equal(new URL(awkward, "http://here/base/explore").pathname, "/base/units");
  assert.equal(new URLSearchParams(awkward.split("?")[1]).get("model"), "a&unit=1 #é");
});
