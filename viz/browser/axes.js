// The numbers beside an axis.

import { shape } from "./format.js";

/**
 * Round numbers between two others, about `count` of them.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? 10 * power;
  const found = [];
  for (let at = Math.ceil(low / step); at * step <= high * (1 + 1e-12); at++)
    found.push(Number((at * step).toPrecision(12)));
  return found;
}

/**
 * 0, 1 and the powers of ten up to `last`: for an axis of log(1 + step).
 * @param {number} last
 */
export function powers(last) {
  const found = [0, 1];
  for (let power = 10; power <= last; power *= 10) found.push(power);
  return found.filter((one) => one <= last);
}

/**
 * Which of some rising numbers is nearest to one that is wanted? The later of two that are as near; -1 where there are none.
 * @param {number[]} numbers
 * @param {number} wanted
 */
export function nearest(numbers, wanted) {
  const after = numbers.findIndex((one) => one >= wanted);
  if (after < 0) return numbers.length - 1;
  return after > 0 && wanted - numbers[after - 1] < numbers[after] - wanted ? after - 1 : after;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {"start" | "middle" | "end"} anchor
 * @param {string} text
 */
export function label(x, y, anchor, text) {
  return shape("text", { x, y, "text-anchor": anchor }, text);
}
