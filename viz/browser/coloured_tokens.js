// A text, every token in the colour of its value.

import { fixed, make } from "./format.js";

/** @import { Scale } from "./colours.js" */

const BLANK = "␣";

/**
 * Each token in the colour of its value.
 * @param {string[]} tokens
 * @param {ArrayLike<number | null>} values
 * @param {Scale} scale
 */
export function letters(tokens, values, scale) {
  return tokens.map((token, at) => {
    const value = values[at] ?? Number.NaN;
    const letter = make("i", { "data-value": fixed(value, 3), "data-token": token }, token === BLANK ? " " : token);
    const level = scale.level(value);
    letter.style.background = scale.css[level];
    letter.style.color = scale.ink[level];
    return letter;
  });
}
