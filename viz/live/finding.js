// One measured sentence about the text: at which kind of token do the gates of a layer differ most from elsewhere?

import { fixed } from "../browser/format.js";
import { _, fill, N_ } from "../browser/locale.js";

/** @import { Signal } from "../browser/types" */
/** @import { LiveModel } from "./model.js" */
/** @import { Read } from "./types" */

const FEWEST = 3; // tokens of a kind, and others, that a mean is of
const LEAST = 0.05; // difference of two means that is worth a sentence
const FEW = 12; // classes that are each a kind

/** @type {[name: string, is: RegExp][]} */
const KINDS = [
  [N_("spaces"), /^␣$/u],
  [N_("line ends"), /^⏎$/u],
  [N_("punctuation marks"), /^(?:(?![␀-␦⏎⇥◌])[\p{P}\p{S}])+$/u], // what blanks are written as is a symbol, too
  [N_("capital letters"), /^\p{Lu}$/u],
  [N_("vowels"), /^[aeiouAEIOU]$/],
  [N_("digits"), /^\p{Nd}$/u],
];

/**
 * The gate and the kind of token of the largest difference; null where none is worth a sentence.
 * @param {LiveModel} model
 * @param {string} layer
 * @param {Signal[]} signals
 */
export function found(model, layer, signals) {
  const kinds = kindsOf(model);
  /** @type {{ signal: Signal, kind: string, there: number, elsewhere: number } | null} */
  let best = null;
  for (const signal of signals) {
    if (!signal.gate) continue;
    const means = model.means(layer, signal.name);
    for (const [kind, members] of kinds) {
      const [there, elsewhere] = split(means, members);
      const apart = Math.abs(there - elsewhere);
      if (apart >= Math.max(LEAST, best ? Math.abs(best.there - best.elsewhere) + 1e-9 : 0))
        best = { signal, kind, there, elsewhere };
    }
  }
  return best;
}

/**
 * The finding in words.
 * @param {NonNullable<ReturnType<typeof found>>} finding
 */
export function sentence({ signal, kind, there, elsewhere }) {
  const values = {
    kind: _(kind),
    gate: signal.title.toLowerCase(),
    there: fixed(there, 2),
    elsewhere: fixed(elsewhere, 2),
  };
  return there < elsewhere
    ? fill(_("At {kind} the {gate} closes: mean {there} against {elsewhere} elsewhere."), values)
    : fill(_("At {kind} the {gate} opens: mean {there} against {elsewhere} elsewhere."), values);
}

/** @type {WeakMap<Read, [kind: string, members: Uint8Array][]>} */
const known = new WeakMap(); // both of Explore's answers ask, in the same frame

/**
 * The steps of each kind of token of which there are enough, and of others too.
 * @param {LiveModel} model
 * @param {number} [fewest] of both
 * @returns {[kind: string, members: Uint8Array][]}
 */
export function kindsOf(model, fewest = FEWEST) {
  const every = known.get(model.tokens) ?? everyKind(model);
  known.set(model.tokens, every);
  return every.filter(([, members]) => {
    const count = members.reduce((sum, one) => sum + one, 0);
    return count >= fewest && members.length - count >= fewest;
  });
}

/**
 * @param {LiveModel} model
 * @returns {[kind: string, members: Uint8Array][]}
 */
function everyKind({ tokens: { labels }, facts }) {
  /** @type {[string, (label: string) => boolean][]} */
  const kinds =
    facts.labels.length && facts.labels.length <= FEW
      ? facts.labels.map((own) => [fill(_("“{token}”"), { token: own }), (label) => label === own])
      : KINDS.map(([name, is]) => [name, (label) => is.test(label)]);
  return kinds.map(([name, is]) => [name, Uint8Array.from(labels, (label) => Number(is(label)))]);
}

/**
 * The mean over the members and over all others.
 * @param {number[]} values
 * @param {Uint8Array} members
 */
function split(values, members) {
  const [sums, counts] = [
    [0, 0],
    [0, 0],
  ];
  for (let step = 0; step < values.length; step++) {
    sums[members[step]] += values[step];
    counts[members[step]] += 1;
  }
  return [sums[1] / counts[1], sums[0] / counts[0]];
}
