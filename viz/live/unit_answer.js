// What does a unit do? What it follows on this text, tokens that open its gates, and what its output promotes.

import { N_ } from "../browser/locale.js";
import { kindsOf } from "./finding.js";
import { obstacleOf, projects, sourcesOf, weightOf } from "./readout_sources.js";
import { auc, aucOf, correlation, deviation, ranksOf, runs } from "./separation.js";
import { inLine, quoted } from "./text_places.js";

/** @import { LiveModel } from "./model.js" */
/** @import { Obstacle } from "./readout_sources.js" */

export const QUOTED = N_("inside quotation marks");
export const LINE = "line";
const MEMBERS = 5; // tokens of a kind, and others, at least
const LEAST_AUC = 0.8;
const DEVIATIONS = 3; // that an AUC is beyond chance, at least
const QUOTATIONS = 3; // at least: their tokens are not independent
const LINES = 5; // at least
/** @type {Record<string, number>} */
const LEAST_SCORES = { [QUOTED]: 0.9, [LINE]: 0.6 }; // chance gives less to the best of 256 units
const SILENT = 0.005; // an output that is written as 0.00
const TIMES = 2; // that a token occurs, at least
const TOP = 3;
const LEAST_APART = 0.05; // means of a gate: closer together they are alike

/**
 * What a unit follows: an AUC from 0.5 to 1, or |correlation| with the place in the line; `sign` is -1 where it is lower there.
 * @typedef {{ kind: string, score: number, sign: 1 | -1 }} Followed
 */

/** @typedef {{ label: string, mean: number, count: number }} TokenMean */

/**
 * What a unit's output does: nothing that can be said in numbers where `why` is something else than "".
 * A unit is `silent` where its output is next to 0: then it is told what an output of 1 would do.
 * @typedef {{ why: "", output: number, silent: boolean, numbers: boolean, more: Pushed[], less: Pushed[] } | { why: Indirect }} Promoted
 * @typedef {{ name: string, weight: number, push: number }} Pushed
 * @typedef {Exclude<Obstacle, ""> | "below" | "projected"} Indirect
 */

/**
 * The kind of token that the unit's state separates best; null where nothing stands out.
 * @param {LiveModel} model
 * @param {string} layer
 * @param {number} unit
 * @returns {Followed | null}
 */
export function followed(model, layer, unit) {
  const values = stateOf(model, layer, unit);
  /** @type {Followed | null} */
  let best = null;
  for (const candidate of candidates(model, values)) {
    if (!best || strength(candidate) > strength(best)) best = candidate;
  }
  return best;
}

/**
 * Does the unit of another model, on the same text, do what a unit was found to do?
 * @param {LiveModel} model
 * @param {string} layer
 * @param {number} unit
 * @param {Followed} found
 * @returns {Followed & { too: boolean }}
 */
export function following(model, layer, unit, { kind, sign }) {
  const values = stateOf(model, layer, unit);
  const { tokens } = model;
  const members = kind === QUOTED ? quoted(tokens.labels) : kindsOf(model, 1).find(([name]) => name === kind)?.[1];
  const own = members ? signed(kind, auc(values, members), 0.5) : signed(kind, correlation(values, inLine(tokens)), 0);
  return {
    ...own,
    too: own.sign === sign && own.score >= (LEAST_SCORES[kind] ?? LEAST_AUC),
  };
}

/** @param {Followed} found */
function strength({ kind, score }) {
  return kind === LINE ? score : 2 * score - 1; // as `best_followers` in lstm_core/analysis
}

/**
 * @param {LiveModel} model
 * @param {Float32Array} values
 * @returns {Followed[]}
 */
function candidates(model, values) {
  const { tokens } = model;
  const ranks = ranksOf(values);
  const found = kindsOf(model, MEMBERS)
    .map(([kind, members]) => ({ one: signed(kind, aucOf(ranks, members), 0.5), least: leastAuc(members) }))
    .filter(({ one, least }) => one.score >= least)
    .map(({ one }) => one);
  if (model.facts.apart) return found; // of words and numbers there are no lines
  const inside = quoted(tokens.labels);
  const ends = tokens.labels.filter((label) => label === "⏎").length;
  const longer = [
    ...(runs(inside) >= QUOTATIONS ? [signed(QUOTED, aucOf(ranks, inside), 0.5)] : []),
    ...(ends >= LINES ? [signed(LINE, correlation(values, inLine(tokens)), 0)] : []),
  ];
  return [...found, ...longer.filter(({ kind, score }) => score >= LEAST_SCORES[kind])];
}

/**
 * @param {string} kind
 * @param {number} value
 * @param {number} middle
 * @returns {Followed}
 */
function signed(kind, value, middle) {
  return { kind, score: middle + Math.abs(value - middle), sign: value < middle ? -1 : 1 };
}

/**
 * The cell state of a unit at each step, or the hidden state where there is no cell.
 * @param {LiveModel} model
 * @param {string} layer
 * @param {number} unit
 */
function stateOf(model, layer, unit) {
  const { units, signals } = model.direction(layer);
  const every = model.signal(layer, signals.cell ? "cell" : "hidden");
  return Float32Array.from({ length: model.steps }, (_value, step) => every[step * units + unit]);
}

/**
 * The AUC from which a kind stands out.
 * @param {Uint8Array} members
 */
function leastAuc(members) {
  return Math.max(LEAST_AUC, 0.5 + DEVIATIONS * deviation(members));
}

/**
 * The tokens at which a gate is most open and most closed, by its mean over each token that occurs more than once. No token
 * is among both.
 * @param {LiveModel} model
 * @param {string} layer
 * @param {number} unit
 * @param {string} gate
 * @returns {{ open: TokenMean[], closed: TokenMean[], alike: boolean }} both with the most extreme first; are all about the same?
 */
export function gateTokens(model, layer, unit, gate) {
  const { units } = model.direction(layer);
  const values = model.signal(layer, gate);
  /** @type {Map<string, { sum: number, count: number }>} */
  const found = new Map();
  for (const [step, label] of model.tokens.labels.entries()) {
    const one = found.get(label) ?? { sum: 0, count: 0 };
    one.sum += values[step * units + unit];
    one.count += 1;
    found.set(label, one);
  }
  const means = [...found].flatMap(([label, { sum, count }]) => {
    return count >= TIMES && Number.isFinite(sum) ? [{ label, mean: sum / count, count }] : [];
  });
  means.sort((one, other) => other.mean - one.mean || (one.label < other.label ? -1 : 1));
  const top = Math.min(TOP, Math.floor(means.length / 2));
  const [open, closed] = [means.slice(0, top), top ? means.slice(-top).reverse() : []];
  return { open, closed, alike: top > 0 && open[0].mean - closed[0].mean < LEAST_APART };
}

/**
 * What the output of a unit at a step makes more and less likely: the classes whose logit it raises most and least. Of numbers,
 * `more` are all of them, with their weights.
 * @param {LiveModel} model
 * @param {string} layer
 * @param {number} unit
 * @param {number} step
 * @returns {Promoted}
 */
export function promoted(model, layer, unit, step) {
  const obstacle = obstacleOf(model);
  if (obstacle === "nothing" || obstacle === "unknown") return { why: obstacle };
  if (!topLayers(model).includes(layer)) return { why: "below" };
  if (projects(model)) return { why: "projected" };
  if (obstacle) return { why: obstacle };
  const source = sourcesOf(model, step).find((one) => one.layer === layer && one.unit === unit);
  if (!source) return { why: "below" };
  const { output } = source;
  const silent = Math.abs(output) < SILENT;
  const every = model.predictedNames.map((name, row) => {
    const weight = weightOf(model, source, row);
    return { name, weight, push: weight * (silent ? 1 : output) };
  });
  const told = { why: /** @type {""} */ (""), output, silent };
  if (model.facts.config.readout.kind === "values") return { ...told, numbers: true, more: every, less: [] };
  const level = commonPush(model, step, every);
  every.sort((one, other) => other.push - one.push || (one.name < other.name ? -1 : 1));
  const more = every.filter(({ push }) => push > level).slice(0, TOP);
  const less = every.filter(({ push }) => push < level).slice(-TOP);
  return { ...told, numbers: false, more, less: less.reverse() };
}

/**
 * The push that changes no probability: of classes of which one comes, what all of them get on average; else 0.
 * @param {LiveModel} model
 * @param {number} step
 * @param {Pushed[]} every
 */
function commonPush(model, step, every) {
  if (model.facts.config.readout.kind === "legal") return 0;
  const chances = model.predicted(step);
  return every.reduce((sum, { push }, row) => sum + chances[row] * push, 0);
}

/** @param {LiveModel} model */
function topLayers({ network }) {
  return Object.keys(network.layers[network.layers.length - 1].directions);
}
