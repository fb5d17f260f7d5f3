import assert from "node:assert/strict";
import { test } from "node:test";
import { dress, isDark, Scale } from "../../viz/browser/colours.js";
import { compare } from "./reference.js";

const GREY = [
  [0, "#000000"],
  [1, "#ffffff"],
];

function rgb(css) {
  return css.match(/\d+/g).map(Number);
}

compare("colours are those of viz/theme.py, interpolated as numpy does", ({ scales }) => {
  assert.equal(scales.length, 16);
  for (const { signal, mode, colours } of scales) {
    const scale = new Scale(signal.limits, signal.scale[mode]);
    for (const [level, wanted] of colours.entries()) {
      for (const [part, value] of rgb(scale.css[level]).entries())
        assert.ok(Math.abs(value - wanted[part]) <= 0.5 + 1e-9, `${signal.name} ${mode} ${level}: ${scale.css[level]}`);
    }
  }
});

compare("levels are those that Python sends", ({ scales }) => {
  for (const { signal, mode, values, levels } of scales) {
    const scale = new Scale(signal.limits, signal.scale[mode]);
    for (const [index, value] of values.entries()) {
      const exact = ((value - scale.low) * 255) / (signal.limits[1] - signal.limits[0]);
      const tie = Math.abs((exact % 1) - 0.5) < 1e-4; // single precision may round these the other way
      assert.ok(scale.level(value) === levels[index] || tie, `${signal.name} ${value}: ${scale.level(value)}`);
    }
  }
});

test("a value beyond the limits has the last colour, and what is no number none", () => {
  const scale = new Scale([-1, 1], GREY);
  assert.deepEqual(
    [-5, -1, 0, 1, 5].map((value) => scale.level(value)),
    [0, 0, 128, 255, 255],
  );
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    assert.equal(scale.level(value), 256);
  assert.equal(scale.css[256], "transparent");
  assert.equal(scale.ink[256], "inherit");
  assert.equal(scale.packed[256], 0);
});

test("packed colours are what a canvas keeps: red first in memory, opaque", () => {
  const scale = new Scale(
    [0, 1],
    [
      [0, "#102030"],
      [1, "#a0b0c0"],
    ],
  );
  assert.deepEqual([...new Uint8Array(scale.packed.buffer, 0, 4)], [0x10, 0x20, 0x30, 255]);
  assert.deepEqual([...new Uint8Array(scale.packed.buffer, 255 * 4, 4)], [0xa0, 0xb0, 0xc0, 255]);
});

test("letters are black or white, whichever has more contrast", () => {
  const scale = new Scale([0, 1], GREY);
  // WCAG 2.1: (L + 0.05) / 0.05 to black, 1.05 / (L + 0.05) to white; of greys they cross between 116 and 118.
  assert.deepEqual(
    [0, 116, 118, 255].map((level) => scale.ink[level]),
    ["#ffffff", "#ffffff", "#000000", "#000000"],
  );
});

test("a ramp goes through the scale from left to right", () => {
  assert.equal(
    new Scale([0, 1], GREY).ramp,
    "linear-gradient(to right, rgb(0,0,0), rgb(64,64,64), rgb(128,128,128), rgb(192,192,192), rgb(255,255,255))",
  );
});

test("an element is given the colours of its theme", () => {
  const set = new Map();
  const classes = new Map();
  const root = {
    style: { setProperty: (name, value) => set.set(name, value) },
    classList: { toggle: (name, on) => classes.set(name, on) },
  };
  const themes = { light: { ink: "#111111" }, dark: { ink: "#eeeeee" } };
  const white = GREY.map(([position]) => [position, "#ffffff"]);
  const signals = [{ name: "forget", colour: "#0072b2", limits: [0, 1], scale: { light: GREY, dark: white } }];
  const scales = dress(root, { signals, themes }, true);
  assert.deepEqual(Object.fromEntries(set), { "--ink": "#eeeeee", "--forget": "#0072b2" });
  assert.equal(classes.get("dark"), true);
  assert.equal(scales.forget.css[0], "rgb(255,255,255)");
});

test("a page is dark when its background is", (context) => {
  const background = (colour) => {
    globalThis.getComputedStyle = () => ({ getPropertyValue: () => ` ${colour}` });
    return isDark({});
  };
  context.after(() => delete globalThis.getComputedStyle);
  assert.equal(background("#11161d"), true);
  assert.equal(background("#FFFFFF"), false);
  assert.equal(background("rebeccapurple"), false); // not as Streamlit writes it
});
