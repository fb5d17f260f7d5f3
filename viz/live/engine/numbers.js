// Numbers as people type them, as lstm_core/encoders/number.py and typed_numbers.py read them: rows for a model of numbers.
// What is no number, or may be meant in two ways, is refused; Python then says why.

import { splitBlanks } from "./words.js";

/**
 * An encoder's part of a model.json.
 * @typedef {{ kind: "number", names: string[], mean: number[], spread: number[], period: number }} Described
 */

/** @typedef {{ ids: number[], values: Float32Array[], labels: string[], groups: number[] }} Rows */

/** A text that is no row of numbers, or may be several: Python says which, and what to do. */
export class Doubtful extends Error {}

const LARGEST = 1e100;
const MOST_SPREADS = 1e9;
const MARKS = Object.assign(
  /** @type {Record<string, string>} */ ({ "\u2212": "-", "\u2012": "-", "\u2013": "-", "\ufe63": "-", "\uff0d": "-" }),
  { "\uff0b": "+", "\uff0e": ".", "\uff0c": ",", "\uff1a": ":", "\uff05": "%", "\uff20": "@", "\u2019": "'" },
);
const DIGIT = /\p{Nd}/u;
const JOINED = /(?<=[0-9])[\u00a0\u2007\u2009\u202f'](?=[0-9]{3}(?![0-9]))/g;
const DECIMAL = /^[+-]?[0-9]+(?:,[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const THOUSANDS = /^[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+$/;
const BOTH = /^[+-]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+,[0-9]+|(?:,[0-9]{3})+\.[0-9]+)$/; // 1.234,5 and 1,234.5
const ZEROS = /^0[0-9]{2}$/;
const SHORT = /^[+-]?[1-9][0-9]{0,2}$/;
const NUMBER =
  /^[+-]?(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?$/;

/**
 * What reads a text: the standardised numbers of each step, with sine and cosine of its place in the period.
 * @param {Described} described
 * @returns {(text: string) => Rows}
 */
export function numberEncoder({ names, mean, spread, period }) {
  return (text) => {
    /** @type {Rows} */
    const found = { ids: [], values: [], labels: [], groups: [] };
    let place = 1;
    for (const piece of piecesOf(text, names.length)) {
      if (piece.startsWith("@") && period) {
        place = numberOf(piece.slice(1));
        if (!(place >= 1 && place < period + 1)) throw new Doubtful(piece);
        continue;
      }
      const parts = piece.split(":").map(numberOf);
      const row = parts.map((number, at) => (number - mean[at]) / spread[at]);
      if (parts.length !== names.length || row.some((one) => Math.abs(one) > MOST_SPREADS)) throw new Doubtful(piece);
      const angle = (2 * Math.PI * (place - 1)) / period;
      found.values.push(Float32Array.from(period ? [...row, Math.sin(angle), Math.cos(angle)] : row));
      found.ids.push(0);
      found.groups.push(found.labels.length);
      found.labels.push(piece);
      if (period) place = (place % period) + 1;
    }
    return found;
  };
}

/**
 * The steps of a typed text, each written with a decimal point.
 * @param {string} text
 * @param {number} numbers of a step
 */
function piecesOf(text, numbers) {
  const { pieces, decimal } = cut(text, numbers);
  if (decimal) return pieces.map((piece) => bare(piece).replaceAll(",", "."));
  for (let at = 1; at < pieces.length; at++) {
    if (SHORT.test(pieces[at - 1]) && ZEROS.test(pieces[at])) throw new Doubtful(pieces[at]);
  }
  return pieces.flatMap((piece) => piece.split(",").filter(Boolean));
}

/**
 * The text cut at blanks and semicolons, and whether the commas that are left in the pieces are decimal marks.
 * @param {string} text
 * @param {number} numbers
 */
function cut(text, numbers) {
  const all = splitBlanks(ascii(text).replace(JOINED, "").replaceAll(";", " ; "));
  const pieces = all.filter((piece) => piece.replace(/^[,;]+/, ""));
  const inner = pieces.map(bare);
  const tight = inner.filter((piece) => piece.includes(","));
  const apart = all.includes(";") || all.length > 1;
  const parts = tight.flatMap((piece) => piece.split(":"));
  if (parts.some((part) => BOTH.test(part))) throw new Doubtful(text);
  const several = tight.some((piece) => THOUSANDS.test(piece) && piece.split(",").length > 2);
  if (several && apart) throw new Doubtful(text);
  if (!tight.length || !apart || !inner.every((piece) => isDecimal(piece, numbers))) return { pieces, decimal: false };
  if (parts.filter((part) => part.includes(",")).every((part) => THOUSANDS.test(part))) throw new Doubtful(text);
  const listed = inner.slice(0, -1).some((piece, at) => piece !== pieces[at]);
  if (tight.length < pieces.length && listed) throw new Doubtful(text);
  return { pieces, decimal: true };
}

/** @param {string} piece */
function bare(piece) {
  return piece.replace(/^,+|,+$/g, "");
}

/**
 * @param {string} piece
 * @param {number} numbers
 */
function isDecimal(piece, numbers) {
  const parts = piece.split(":");
  return piece.startsWith("@") || (parts.length === numbers && parts.every((part) => DECIMAL.test(part)));
}

/** @param {string} text */
function numberOf(text) {
  const found = NUMBER.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
  if (!(Math.abs(found) <= LARGEST)) throw new Doubtful(text);
  return found;
}

/**
 * Digits of other scripts, signs and marks as ASCII has them.
 * @param {string} text
 */
function ascii(text) {
  return Array.from(text, (one) => MARKS[one] ?? (DIGIT.test(one) ? digit(one) : one)).join("");
}

/**
 * Unicode has the digits of a script in a row from 0 to 9.
 * @param {string} character
 */
function digit(character) {
  const code = /** @type {number} */ (character.codePointAt(0));
  let first = code;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((code - first) % 10);
}
