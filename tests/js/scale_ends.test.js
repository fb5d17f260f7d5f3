import assert from "node:assert/strict";
import { test } from "node:test";
import { endsOf } from "../../viz/live/scale_ends.js";
import { StepAxis } from "../../viz/live/step_axis.js";

const CELL = { name: "cell", gate: false };

/** The rule written down once more, by sorting. */
function naive(values) {
  const known = values.map(Math.abs).filter(Number.isFinite).sort();
  if (!known.length) return 1;
  const place = 0.98 * (known.length - 1);
  const [low, high] = [known[Math.floor(place)], known[Math.ceil(place)]];
  const reach = low + (high - low) * (place % 1);
  if (!(reach > 0)) return 1;
  const wanted = Math.max(reach, 0.01);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return Number(([1, 2, 3, 5, 8, 10].find((one) => one * power >= wanted * (1 - 1e-9)) * power).toPrecision(12));
}

test("the cell's ends are found by counting as by sorting", () => {
  let seed = 1;
  const chance = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  const number = (spread) => (chance() - 0.5) * spread * (chance() < 0.05 ? 30 : 1);
  for (let round = 0; round < 2000; round++) {
    const spread = 10 ** (chance() * 8 - 5);
    const values = Float32Array.from({ length: 1 + Math.floor(chance() * 300) }, () => {
      const kind = chance();
      if (kind < 0.03) return kind < 0.02 ? Number.NaN : Number.POSITIVE_INFINITY;
      return kind < 0.1 ? 0 : number(spread);
    });
    assert.deepEqual(endsOf(CELL, [values]), [-naive(values), naive(values)]);
  }
});

test("gates and what stays within 1 have ends of their own", () => {
  const wild = Float32Array.of(0.2, -3.7, Number.NaN);
  assert.deepEqual(endsOf({ name: "forget", gate: true }, [wild]), [0, 1]);
  assert.deepEqual(endsOf({ name: "hidden", gate: false }, [Float32Array.of(0.2, -1, Number.NaN)]), [-1, 1]);
  assert.deepEqual(endsOf({ name: "hidden", gate: false }, [wild]), [-5, 5]);
  assert.deepEqual(endsOf(CELL, [new Float32Array(0)]), [-1, 1]);
});

function axis(given) {
  const made = new StepAxis();
  made.settle({ steps: 49, width: 660, apart: false, zoom: null, focus: null, ...given });
  return made;
}

test("all steps are shown where their letters have room, else the last, or those around where one looks", () => {
  assert.deepEqual(axis({}).shown, [0, 49]);
  assert.equal(axis({}).column, 660 / 50); // one more for what comes next
  assert.equal(axis({ steps: 5 }).column, 30);
  const long = axis({ steps: 500 });
  assert.deepEqual(long.shown, [500 - long.most, 500]);
  assert.ok(long.legible);
  const around = axis({ steps: 500, focus: 200 });
  assert.ok(around.start < 200 && 200 < around.stop && around.count === long.most);
  assert.equal(around.open, false);
});

test("a zoom stays within the text, and is none where it would show what is shown without one", () => {
  assert.deepEqual(axis({ zoom: [10, 30] }).shown, [10, 30]);
  assert.deepEqual(axis({ zoom: [40, 90] }).shown, [0, 49]);
  assert.deepEqual(axis({ steps: 3, zoom: [10, 30] }).shown, [0, 3]);
  assert.equal(axis({}).zoomTo(-5, 80), null);
  assert.deepEqual(axis({ steps: 500 }).zoomTo(0, 500), [0, 500]);
  assert.deepEqual(axis({ zoom: [10, 30] }).zoomed(2, 20), [15, 25]);
  assert.deepEqual(axis({ zoom: [10, 30] }).moved(5), [15, 35]);
  assert.deepEqual(axis({ zoom: [10, 30] }).moved(-50), [0, 20]);
  assert.equal(axis({ zoom: [10, 30] }).at(0), 10);
  assert.equal(axis({ zoom: [10, 30] }).at(1e6), 29);
});
