// A text as far as the model knows it.

import { _, fill } from "../browser/locale.js";
import { UnknownPieces } from "./engine/encoders.js";
import { Doubtful } from "./engine/numbers.js";
import { shown } from "./engine/visible.js";
import { splitBlanks } from "./engine/words.js";

/** @import { LiveModel } from "./model.js" */

const MOST_NAMED = 10; // pieces that are named

/**
 * Read what the model knows of a text, and return a sentence about the rest; of a text that it cannot read at all nothing
 * changes.
 * @param {LiveModel} model
 * @param {string} text
 */
export function readKnown(model, text) {
  try {
    model.read(text);
    return "";
  } catch (error) {
    if (error instanceof Doubtful)
      return fill(_("This is no row of numbers, or may be meant in two ways: {piece}"), { piece: error.message });
    if (!(error instanceof UnknownPieces)) throw error;
    return without(model, text, error.pieces);
  }
}

/**
 * @param {LiveModel} model
 * @param {string} text
 * @param {string[]} pieces
 */
function without(model, text, pieces) {
  const unknown = new Set(pieces);
  const known = model.facts.apart
    ? splitBlanks(text)
        .filter((word) => !unknown.has(word) && !pieces.some((piece) => word.includes(piece)))
        .join(" ")
    : Array.from(text)
        .filter((character) => !unknown.has(character))
        .join("");
  const named = pieces.slice(0, MOST_NAMED).map(shown).join(" ");
  try {
    model.read(known);
  } catch (error) {
    if (!(error instanceof UnknownPieces)) throw error;
  }
  return fill(_("Left out, because the model does not know it: {pieces}"), { pieces: named });
}
