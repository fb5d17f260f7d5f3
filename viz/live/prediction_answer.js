// Why this prediction? A logit is exactly the readout's bias plus, for each unit, the readout's weight times its output.

import { largest } from "./engine/predictions.js";
import { obstacleOf, projects, sourcesOf, weightOf } from "./readout_sources.js";

/** @import { LiveModel } from "./model.js" */
/** @import { Obstacle } from "./readout_sources.js" */

/**
 * What one unit, or one projected number, adds.
 * @typedef {{ layer: string, unit: number, weight: number, output: number, product: number }} Term
 */

/**
 * An output of the readout as a sum: `bias`, the largest `terms`, and `rest`, which `others` add; `total` is the logit, or a
 * number in its own units, and `chance` the probability (NaN of a number).
 * @typedef {{ obstacle: "", row: number, name: string, choices: { row: number, name: string, chance: number }[], numbers: boolean,
 *   projected: boolean, stacked: boolean, between: LiveModel["network"]["between"], bias: number, terms: Term[], rest: number, others: number, total: number, chance: number }} Sum
 */

/** @typedef {Sum | { obstacle: Exclude<Obstacle, ""> }} PredictionAnswer */

const TERMS = 10;
const CHOICES = 10;

/**
 * @param {LiveModel} model
 * @param {number} step
 * @param {number | null} [wanted] the output that is explained; null for the likeliest class, or the first number
 * @returns {PredictionAnswer}
 */
export function explained(model, step, wanted = null) {
  const obstacle = obstacleOf(model);
  if (obstacle) return { obstacle };
  const { readout } = model.facts.config;
  const [names, predicted] = [model.predictedNames, model.predicted(step)];
  const numbers = readout.kind === "values";
  const row = wanted ?? (numbers ? 0 : model.guess(step).at);
  const every = termsOf(model, step, row);
  const size = (/** @type {Term} */ { product }) => (Number.isNaN(product) ? -1 : Math.abs(product)); // no number: last
  every.sort((one, other) => size(other) - size(one));
  const own = model.network.readoutBias[row];
  const bias = readout.kind === "values" ? own * readout.spread[row] + readout.mean[row] : own;
  const [terms, left] = [every.slice(0, TERMS), every.slice(TERMS)];
  const chance = (/** @type {number} */ at) => (numbers ? Number.NaN : predicted[at]);
  const likeliest = numbers ? Array.from(names.keys()) : largest(predicted, CHOICES);
  const choices = likeliest.includes(row) ? likeliest : [...likeliest, row];
  return {
    ...{ obstacle, row, name: names[row], numbers, bias, terms, others: left.length, chance: chance(row) },
    choices: choices.map((at) => ({ row: at, name: names[at], chance: chance(at) })),
    projected: projects(model),
    stacked: model.network.layers.length > 1,
    between: model.network.between,
    rest: sum(left),
    total: bias + sum(every),
  };
}

/**
 * What one unit adds to the likeliest output, or the first number, and how many units add or take away more; null where a logit
 * is no sum over units.
 * @param {LiveModel} model
 * @param {number} step
 * @param {{ layer: string, unit: number }} of
 */
export function shareOf(model, step, { layer, unit }) {
  if (obstacleOf(model) || projects(model)) return null;
  const row = model.facts.config.readout.kind === "values" ? 0 : model.guess(step).at;
  const every = termsOf(model, step, row);
  const own = every.find((one) => one.layer === layer && one.unit === unit);
  if (!own) return null;
  const larger = every.filter(({ product }) => Math.abs(product) > Math.abs(own.product)).length;
  return { name: model.predictedNames[row], product: own.product, rank: larger + 1, count: every.length };
}

/**
 * What each unit adds to one of the readout's outputs.
 * @param {LiveModel} model
 * @param {number} step
 * @param {number} row
 * @returns {Term[]}
 */
function termsOf(model, step, row) {
  return sourcesOf(model, step).map((source) => {
    const weight = weightOf(model, source, row);
    return {
      layer: source.layer,
      unit: source.unit,
      weight,
      output: source.output,
      product: weight * source.output,
    };
  });
}

/** @param {Term[]} terms */
function sum(terms) {
  return terms.reduce((total, { product }) => total + product, 0);
}
