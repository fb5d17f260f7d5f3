// A visible label for each character, as `visible` in lstm_core/encoders/tokens.py has it.

/** @type {Record<string, string>} */
const NAMED = { " ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍", "\x7f": "␡" };
const COMBINING = /[\p{Mn}\p{Me}]/u;
const WITHOUT_GLYPH = /[\p{C}\p{Z}]/u;
const DOTTED_CIRCLE = "\u25cc";

/**
 * Space, newline and tab become ␣ ⏎ ⇥, other control characters their pictures (NUL is ␀), a combining mark sits on a
 * dotted circle, and what has no glyph at all is spelled as U+200B.
 * @param {string} character one code point
 */
export function visible(character) {
  const code = /** @type {number} */ (character.codePointAt(0));
  if (character in NAMED) return NAMED[character];
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  // Changes the glyph before it, and has none itself.
  const selector = (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef);
  if (COMBINING.test(character) && !selector) return DOTTED_CIRCLE + character;
  if (WITHOUT_GLYPH.test(character) || selector) return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return character;
}

/** @param {string} text */
export function shown(text) {
  return Array.from(text, visible).join("");
}
