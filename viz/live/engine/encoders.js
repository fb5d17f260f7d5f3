// Encoders of classes: text to class numbers, with labels and groups, as lstm_core/encoders/ reads it.

import { shown, visible } from "./visible.js";
import { splitBlanks, splitWords, wordsOf } from "./words.js";

/**
 * `Tokens` in lstm_core/encoders/tokens.py: steps of one group make up one character.
 * @typedef {{ ids: number[], labels: string[], groups: number[] }} Tokens
 */

/**
 * An encoder's part of a model.json.
 * @typedef {{ kind: "byte" } | { kind: "character" | "word", vocabulary: string[] }
 *   | { kind: "vocabulary", entries: string[], cut: "" | "characters" | "words" }} Described
 */

/** A text that the model cannot read: `pieces` are not in its vocabulary. */
export class UnknownPieces extends Error {
  /** @param {string[]} pieces */
  constructor(pieces) {
    super(`not in the vocabulary: ${pieces.map(shown).join(" ")}`);
    this.pieces = pieces;
  }
}

/**
 * What reads a text. Throws UnknownPieces for what has no class.
 * @param {Described} described
 * @returns {(text: string) => Tokens}
 */
export function encoderOf(described) {
  switch (described.kind) {
    case "byte":
      return bytes;
    case "character":
      return charactersOf(described.vocabulary);
    case "word":
      return wordEncoder(described.vocabulary);
    case "vocabulary":
      return vocabularyEncoder(described.entries, described.cut);
  }
}

/**
 * Every byte of the text in UTF-8; a lone surrogate gives the three bytes of Python's `surrogatepass`.
 * @param {string} text
 * @returns {Tokens}
 */
function bytes(text) {
  /** @type {Tokens} */
  const tokens = { ids: [], labels: [], groups: [] };
  let group = 0;
  for (const character of text) {
    const label = visible(character);
    for (const byte of bytesOf(/** @type {number} */ (character.codePointAt(0)))) {
      tokens.ids.push(byte);
      tokens.labels.push(label);
      tokens.groups.push(group);
    }
    group += 1;
  }
  return tokens;
}

/** @param {number} code */
function bytesOf(code) {
  const rest = (/** @type {number} */ shift) => 0x80 | ((code >> shift) & 0x3f);
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), rest(0)];
  if (code < 0x10000) return [0xe0 | (code >> 12), rest(6), rest(0)];
  return [0xf0 | (code >> 18), rest(12), rest(6), rest(0)];
}

/**
 * One step for each piece, which has a class or is read as the unknown one, with a "?" after it.
 * @param {[piece: string, found: number | undefined][]} pieces
 * @param {number | undefined} unknown
 * @returns {Tokens}
 */
function oneEach(pieces, unknown) {
  const missing = pieces.filter(([, found]) => found === undefined).map(([piece]) => piece);
  if (missing.length && unknown === undefined) throw new UnknownPieces([...new Set(missing)]);
  return {
    ids: pieces.map(([, found]) => found ?? /** @type {number} */ (unknown)),
    labels: pieces.map(([piece, found]) => shown(piece) + (found === undefined ? "?" : "")),
    groups: pieces.map((_, step) => step),
  };
}

/** @param {string[]} vocabulary */
function charactersOf(vocabulary) {
  const numbers = new Map(vocabulary.map((character, number) => [character, number]));
  return (/** @type {string} */ text) =>
    oneEach(
      Array.from(text, (character) => [character, numbers.get(character)]),
      undefined,
    );
}

/** @param {string[]} vocabulary */
function wordEncoder(vocabulary) {
  const numbers = new Map(vocabulary.map((word, number) => [word, number + 1]));
  return (/** @type {string} */ text) =>
    oneEach(
      splitWords(text).map((word) => [word, numbers.get(word)]),
      0,
    );
}

const UNKNOWN = ["<unk>", "[unk]", "<oov>", "[oov]", "<unknown>", "[unknown]", "(unknown)", "unk", "oov"];

/**
 * @param {string[]} entries
 * @param {"" | "characters" | "words"} cut
 */
function vocabularyEncoder(entries, cut) {
  const numbers = new Map(entries.map((entry, number) => [entry, number]));
  numbers.delete(""); // a class without a name
  const found = entries.findIndex((entry) => UNKNOWN.includes(entry.toLowerCase()));
  const unknown = found < 0 ? undefined : found;
  const number = (/** @type {string} */ word) => numbers.get(word) ?? numbers.get(word.toLowerCase());
  /** @type {(text: string) => [piece: string, found: number | undefined][]} */
  const lookedUp =
    (cut || pieceOf(entries)) === "characters"
      ? (text) => characterPieces(text, numbers)
      : (text) =>
          splitBlanks(text).flatMap((piece) =>
            number(piece) === undefined ? wordsOf(piece).map((word) => [word, number(word)]) : [[piece, number(piece)]],
          );
  return (/** @type {string} */ text) => oneEach(lookedUp(text), unknown);
}

/**
 * What most entries are, marks such as <pad> aside.
 * @param {string[]} entries
 */
function pieceOf(entries) {
  const plain = entries.filter((entry) => entry && !isMark(entry));
  const single = plain.filter((entry) => Array.from(entry).length === 1).length;
  return plain.length && 2 * single > plain.length ? "characters" : "words";
}

/** @param {string} entry */
function isMark(entry) {
  return Array.from(entry).length > 2 && /^(<.*>|\[.*\])$/su.test(entry);
}

/**
 * Characters, and the longest entry that begins at one.
 * @param {string} text
 * @param {Map<string, number>} numbers
 * @returns {[piece: string, found: number | undefined][]}
 */
function characterPieces(text, numbers) {
  const longer = [...numbers.keys()].filter((entry) => Array.from(entry).length > 1);
  /** @type {[piece: string, found: number | undefined][]} */
  const pieces = [];
  for (let at = 0; at < text.length; ) {
    const marks = longer.filter((entry) => text.startsWith(entry, at));
    const character = String.fromCodePoint(/** @type {number} */ (text.codePointAt(at)));
    const piece = marks.reduce((longest, entry) => (entry.length > longest.length ? entry : longest), "") || character;
    pieces.push([piece, numbers.get(piece)]);
    at += piece.length;
  }
  return pieces;
}
