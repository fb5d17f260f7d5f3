import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { makeKernel, PlainKernel, SimdKernel } from "../../viz/live/engine/kernel.js";

/** Numbers from -1 to 1 that are the same at every run. */
function numbers(count, seed) {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 2147483648 - 1;
  });
}

const SIZES = [
  [1, 1],
  [4, 4],
  [3, 5],
  [8, 129],
  [512, 128],
  [1024, 256],
];

for (const Kernel of [SimdKernel, PlainKernel]) {
  for (const [rows, columns] of SIZES) {
    test(`${Kernel.name}: ${rows} x ${columns} is the sum in double precision`, () => {
      const [w, x, y] = [numbers(rows * columns, 1), numbers(columns, 2), numbers(rows, 3)];
      const wanted = Array.from(y, (one, row) =>
        x.reduce((sum, value, at) => sum + w[row * columns + at] * value, one),
      );
      new Kernel().matrix(w, rows, columns).add(x, y);
      for (const [row, value] of wanted.entries())
        assert.ok(Math.abs(y[row] - value) < 3e-6 * Math.sqrt(columns), `${row}`);
    });
  }
}

test("matrices of one kernel do not disturb each other, however many there are", () => {
  const kernel = new SimdKernel();
  const made = Array.from({ length: 40 }, (_, number) => kernel.matrix(numbers(70 * 70, number), 70, 70));
  const [x, y] = [numbers(70, 7), new Float32Array(70)];
  made[3].add(x, y);
  const alone = new Float32Array(70);
  new SimdKernel().matrix(numbers(70 * 70, 3), 70, 70).add(x, alone);
  assert.deepEqual(y, alone);
});

test("a NaN stays in its row", () => {
  const w = numbers(6 * 6, 1);
  w[2 * 6 + 1] = Number.NaN;
  const y = new Float32Array(6);
  new SimdKernel().matrix(w, 6, 6).add(numbers(6, 2), y);
  assert.deepEqual(Array.from(y, Number.isNaN), [false, false, true, false, false, false]);
});

test("where WebAssembly is forbidden or missing JavaScript takes over; other errors are not hidden", () => {
  assert.equal(makeKernel().name, "simd");
  const { Module } = WebAssembly;
  const broken = mock.method(WebAssembly, "Module", function refuse() {
    throw new WebAssembly.CompileError("refused by the content security policy");
  });
  assert.equal(makeKernel().name, "plain");
  broken.mock.restore();
  assert.equal(WebAssembly.Module, Module);
  const full = mock.method(WebAssembly, "Instance", function refuse() {
    throw new RangeError("out of memory");
  });
  assert.throws(makeKernel, /out of memory/);
  full.mock.restore();
});
