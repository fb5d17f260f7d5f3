// What a model predicts after each step and how that has changed, made when it is asked for: `prediction_part` in
// viz/step/payload.py makes the same of a recording.

import { expectedChange } from "./engine/predictions.js";

/** @import { LiveModel } from "./model.js" */

/**
 * A token that may come next, or a label: its number, its probability, and what it is compared with.
 * @typedef {{ class: number; chance: number; before: number; fallen: boolean }} Rank
 */

/**
 * Predictions step by step; `before` is what they are compared with: what was predicted a step earlier, or without a change.
 * @typedef {{ expected: (step: number) => Rank[]; values: (step: number) => { value: number; before: number; came: number }[];
 *   came: (step: number) => number; surprise: (step: number) => number }} Foreseen
 */

/** @typedef {{ kind: "next" | "legal" | "labels"; likeliest: number; labels: string[] }
 *   | { kind: "values"; ahead: boolean; names: string[]; digits: number[] } | { kind: "nothing"; why: string }} Kind */

const LIKELIEST = 8; // and
const FALLEN = 2; // that fell most: RANKS in viz/step/payload.py
const SIGNIFICANT = 4; // digits

/**
 * What kind of predictions these are, and how they are named.
 * @param {LiveModel} model
 * @param {string} why it predicts nothing, where it does
 * @returns {Kind}
 */
export function kindOf(model, why) {
  const { readout } = model.facts.config;
  const labels = model.predictedNames;
  switch (readout.kind) {
    case "nothing":
      return { kind: "nothing", why };
    case "values": {
      const columns = readout.names.map((_, at) => valuesOf(model, at));
      return { kind: "values", ahead: readout.ahead, names: readout.names, digits: columns.map(decimals) };
    }
    case "labels":
      return { kind: "labels", likeliest: labels.length, labels };
    default:
      return { kind: readout.kind, likeliest: Math.min(LIKELIEST, labels.length), labels };
  }
}

/**
 * @param {LiveModel} model
 * @param {LiveModel} [unchanged] the same on the same text without interventions: what changes beside it is then shown
 * @returns {Foreseen}
 */
export function foreseenBy(model, unchanged) {
  /** @param {number} step */
  const earlier = (step) => {
    if (unchanged) return unchanged.predicted(step);
    return step ? model.predicted(step - 1) : null;
  };
  const labels = model.facts.config.readout.kind === "labels";
  return {
    expected: (step) => {
      const [now, before] = [model.predicted(step), earlier(step)];
      if (!labels) {
        const found = expectedChange(now, before, LIKELIEST, FALLEN);
        const likeliest = Math.min(LIKELIEST, now.length);
        return found.map((one, rank) => rankOf(one.at, one.now, one.before, rank >= likeliest));
      }
      return Array.from(now, (chance, at) => rankOf(at, chance, before ? before[at] : Number.NaN, false));
    },
    values: (step) => {
      const [before, came] = [earlier(step), model.valuesCame(step)];
      return Array.from(model.predicted(step), (value, at) => {
        return { value, before: before ? before[at] : Number.NaN, came: came[at] };
      });
    },
    came: (step) => model.came(step),
    surprise: (step) => model.surprise(step),
  };
}

/**
 * @param {number} at
 * @param {number} chance
 * @param {number} before
 * @param {boolean} fallen
 * @returns {Rank}
 */
function rankOf(at, chance, before, fallen) {
  return { class: at, chance, before, fallen };
}

/**
 * One of the numbers that are predicted, at all steps.
 * @param {LiveModel} model
 * @param {number} at
 */
function valuesOf(model, at) {
  return Float64Array.from({ length: model.steps }, (_, step) => model.predicted(step)[at]);
}

/**
 * How many decimals has a number so that the largest has four digits? From 0 to 8; more where these would not show how
 * the values differ.
 * @param {Float64Array} values
 */
function decimals(values) {
  const known = values.filter(Number.isFinite);
  const farthest = known.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  if (!farthest) return 0;
  const variation =
    known.reduce((most, one) => Math.max(most, one), -Infinity) -
    known.reduce((least, one) => Math.min(least, one), Infinity);
  const apart = variation ? 1 - Math.floor(Math.log10(variation)) : 0;
  return Math.min(Math.max(SIGNIFICANT - 1 - Math.floor(Math.log10(farthest)), apart, 0), 8);
}
