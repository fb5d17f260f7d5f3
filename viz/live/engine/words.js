// Texts cut into words, as lstm_core/encoders/word.py cuts them: by Python's idea of a letter and of a blank.

const LETTER = "[\\p{L}\\p{N}]"; // Python's \w, but for the underscore
const NO_WORD = "(?![\\p{L}\\p{N}_])"; // its \b after a letter
const BLANK = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const BLANKS = new RegExp(`${BLANK}+`, "u");

/** "isn't" is two words, "is" and "n't", and a sign of punctuation is a word. */
const WORD = new RegExp(
  [
    `n't${NO_WORD}`,
    `'(?:s|re|ve|ll|d|m)${NO_WORD}`,
    `${LETTER}+(?=n't${NO_WORD})`,
    `${LETTER}+(?:-${LETTER}+)*`,
    "\\.{2,}",
    "--+",
    `(?!${BLANK})[^]`,
  ].join("|"),
  "gu",
);

/** @param {string} text */
export function wordsOf(text) {
  return text.match(WORD) ?? [];
}

/**
 * The words of a text in lower case.
 * @param {string} text
 */
export function splitWords(text) {
  return wordsOf(text.toLowerCase().replaceAll("\u2019", "'"));
}

/**
 * What stands between blanks, as Python's str.split cuts it.
 * @param {string} text
 */
export function splitBlanks(text) {
  return text.split(BLANKS).filter(Boolean);
}
