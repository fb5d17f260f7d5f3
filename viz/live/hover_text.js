// What a hover over the picture says.

import { fixed, percent } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";
import { largest } from "./engine/predictions.js";

/** @import { Signal } from "../browser/types" */
/** @import { LiveModel } from "./model.js" */

const EXPECTED = 5; // predictions

/**
 * The lines of a hover: over the heads the predictions, over a heatmap the unit and its value, beside its rows their mean.
 * @param {{ model: LiveModel, layer: string, signals: Signal[] }} shown
 * @param {{ step: number, next: boolean, unit?: number, signal?: string }} cell `next` is the column after the last step
 */
export function aboutCell({ model, layer, signals }, { step, next, unit, signal }) {
  const where = next ? _("what comes next") : named(model, step);
  if (signal === undefined) return [where, ...predictedAt(model, next ? model.steps : step)];
  if (next) return [where];
  const { symbol, title } = /** @type {Signal} */ (signals.find(({ name }) => name === signal));
  if (unit === undefined) {
    const mean = model.means(layer, signal)[step];
    return [where, fill(_("{signal}, mean of all units: {value}"), { signal: title, value: fixed(mean) })];
  }
  const value = model.signal(layer, signal)[step * model.direction(layer).units + unit];
  return [fill(_("unit {unit}"), { unit }), where, `${title} ${symbol} = ${fixed(value)}`];
}

/**
 * A step as people count: "12 of 49: m".
 * @param {LiveModel} model
 * @param {number} step
 */
export function named({ tokens, steps }, step) {
  return fill(_("{place} of {count}: {token}"), { place: step + 1, count: steps, token: tokens.labels[step] });
}

/**
 * What was predicted for a step.
 * @param {LiveModel} model
 * @param {number} step
 */
function predictedAt(model, step) {
  const later = model.predictsTokens || model.ahead ? 1 : 0;
  if (step < later || step - later >= model.steps || model.facts.config.readout.kind === "nothing") return [];
  const values = model.predicted(step - later);
  const names = model.predictedNames;
  if (model.facts.config.readout.kind === "values") return names.map((name, at) => `${name}: ${fixed(values[at], 2)}`);
  const lines = largest(values, EXPECTED).map((at) => `${names[at]}  ${percent(values[at])}`);
  const bits = model.surprise(step);
  if (Number.isFinite(bits)) lines.push(fill(_("surprisal {bits} bit"), { bits: fixed(bits, 1) }));
  return lines;
}
