// Numbers from Python (reference.py), given by test_javascript.py; without them the tests that need them are skipped.

import { readFileSync } from "node:fs";
import { test } from "node:test";

const path = process.env.GATESCOPE_REFERENCE;
export const reference = path ? JSON.parse(readFileSync(path, "utf-8")) : null;

/** A test against Python's numbers. */
export function compare(name, check) {
  test(name, { skip: reference ? false : "run it by: pytest tests/js" }, () => check(reference));
}

const KINDS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

/** A part as `absorb` keeps it; what is null in JSON is NaN. */
export function partOf({ facts, arrays }) {
  const made = Object.entries(arrays).map(([name, { kind, values }]) => [name, KINDS[kind].from(numbers(values))]);
  return { facts, arrays: Object.fromEntries(made), bytes: 0 };
}

export function numbers(values) {
  return values.map((value) => value ?? Number.NaN);
}
