// Where in its text does a character stand: inside quotation marks, and how far into its line? As
// lstm_core/analysis/character_features.py finds it.

/** @type {Record<string, string>} */
const CLOSED_BY = { '"': '"', "'": "'", "“": "”", "‘": "’", "«": "»" };
const TRIPLE = ['"""', "'''"];
/** @type {Record<string, string>} */
const BLANKS = { "␣": " ", "⏎": "\n", "⇥": "\t", "␍": "\r" }; // as `visible` has them
const WORD = /[\p{L}\p{N}]/u;

/**
 * For each step, 1 inside quotation marks: the opening one counts, the closing one no more, an apostrophe is none.
 * @param {string[]} labels
 */
export function quoted(labels) {
  const text = labels.map((label) => BLANKS[label] ?? label);
  const found = new Uint8Array(text.length);
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = at + 1;
    const three = text.slice(at, at + 3).join("");
    const close = TRIPLE.includes(three) ? tripleAfter(text, three, at + 3) : -1;
    const last = close < 0 && Object.hasOwn(CLOSED_BY, text[at]) ? closing(text, at) : -1;
    if (close >= 0) end = close + 3;
    else if (last >= 0) {
      found.fill(1, at, last);
      end = last + 1;
    } else if (text[at] === "#" && text[at + 1] === " " && (at === 0 || /\s/.test(text[at - 1])))
      end = lineEnd(text, at);
  }
  return found;
}

/**
 * How many characters since the last line end, which counts 0? The steps of one character are alike.
 * @param {{ labels: string[], groups: number[] }} tokens
 */
export function inLine({ labels, groups }) {
  let place = 0;
  return Float64Array.from(labels, (label, step) => {
    if (label === "⏎") place = 0;
    else if (groups[step] !== groups[step - 1]) place += 1;
    return place;
  });
}

/**
 * @param {string[]} text
 * @param {string} three
 * @param {number} from
 */
function tripleAfter(text, three, from) {
  for (let at = from; at + 3 <= text.length; at++) if (text.slice(at, at + 3).join("") === three) return at;
  return -1;
}

/**
 * Where a quotation that begins here ends; -1 where none does. One in apostrophes ends in the same line and not within a word.
 * @param {string[]} text
 * @param {number} from
 */
function closing(text, from) {
  const apostrophe = "'‘".includes(text[from]);
  if (apostrophe && from > 0 && (WORD.test(text[from - 1]) || text[from - 1] === "\\")) return -1;
  const limit = apostrophe ? lineEnd(text, from) : text.length;
  for (let at = from + 1; at < limit; at++) {
    if (text[at] !== CLOSED_BY[text[from]] || text[at - 1] === "\\") continue;
    const within = at + 1 < text.length && WORD.test(text[at + 1]);
    if (!apostrophe || (!within && !/\s/.test(text[at - 1]))) return at;
  }
  return -1;
}

/**
 * @param {string[]} text
 * @param {number} from
 */
function lineEnd(text, from) {
  const found = text.indexOf("\n", from);
  return found < 0 ? text.length : found;
}
