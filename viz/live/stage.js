// What the stepper shows of a text, made here of models that read in this tab: the header and the parts that
// viz/step/stage.py and viz/step/payload.py make on the server.

import { foreseenBy, kindOf } from "./foreseen.js";
import { layerNumber, readAt, signalsPart } from "./layer_parts.js";
import { explained } from "./prediction_answer.js";
import { endsOf } from "./scale_ends.js";

/** @import { Signal } from "../browser/types" */
/** @import { Cell } from "./engine/direction.js" */
/** @import { Foreseen, Kind } from "./foreseen.js" */
/** @import { LiveModel } from "./model.js" */
/** @import { PredictionAnswer } from "./prediction_answer.js" */

/**
 * @typedef {Kind & { start: number; stop: number; shapes: Record<string, number[]> }} RecordingFacts
 * @typedef {{ facts: RecordingFacts; arrays: Record<string, Float32Array>; readAt: (step: number) => Float32Array;
 *   foreseen: Foreseen; because: Because }} RecordingPart
 * @typedef {{ layer: string; explained: (step: number, wanted: number | null) => PredictionAnswer }} Because
 * @typedef {{ number: number; reverse: boolean; units: number; cell: Cell & { peephole: boolean; projection: number;
 *   given_on: boolean } }} StageLayer
 * @typedef {{ tokens: string[]; pieces: Record<number, [piece: number, pieces: number]>; own: number;
 *   spoken: Record<string, string>; apart: boolean }} PassageFacts
 */

/**
 * The layer that is shown, and its cell, whose equations are drawn and computed.
 * @param {LiveModel} model
 * @param {string} layer
 * @returns {StageLayer}
 */
export function layerOf({ network, facts }, layer) {
  const direction = network.directions[layer];
  const number = layerNumber(layer);
  const [below, layout] = [network.layers[number - 1], facts.config.stack?.[number - 1]];
  const projected = below && Object.values(below.directions).some(({ projection }) => projection);
  const cell = {
    ...direction.cell,
    peephole: Boolean(direction.peephole),
    projection: direction.projection ? direction.size : 0,
    given_on: Boolean(layout && (projected || layout.merge !== "concat" || layout.ends)),
  };
  return { number, reverse: direction.reverse, units: direction.units, cell };
}

/**
 * What is read, as a person reads it; all of it is the reader's own.
 * @param {LiveModel} model
 * @param {Record<string, string>} spoken how blanks are named aloud
 * @returns {PassageFacts}
 */
export function passageOf({ tokens, facts }, spoken) {
  const { labels, groups } = tokens;
  /** @type {PassageFacts["pieces"]} */
  const pieces = {};
  for (let from = 0, to = 0; from < groups.length; from = to) {
    while (to < groups.length && groups[to] === groups[from]) to++;
    if (to - from > 1) for (let step = from; step < to; step++) pieces[step] = [step - from + 1, to - from];
  }
  return { tokens: labels, pieces, own: labels.length, spoken: facts.apart ? {} : spoken, apart: facts.apart };
}

/**
 * The signals of a layer with the ends of their colour scales, which are the same for all models that are shown.
 * @param {LiveModel[]} models
 * @param {string} layer
 * @param {Signal[]} signals
 * @returns {Signal[]}
 */
export function signalsOf(models, layer, signals) {
  return signals.map((signal) => {
    const arrays = models.map((model) => model.signal(layer, signal.name));
    return { ...signal, limits: endsOf(signal, arrays) };
  });
}

/**
 * What a layer computes of the whole text, and what the model predicts.
 * @param {LiveModel} model
 * @param {string} layer
 * @param {string} why it predicts nothing, where it does
 * @param {LiveModel} [unchanged] the same without interventions, to compare predictions with
 * @returns {RecordingPart}
 */
export function recordingOf(model, layer, why, unchanged) {
  const { shapes, arrays } = signalsPart(model, layer);
  return {
    facts: { start: 0, stop: model.steps, shapes, ...kindOf(model, why) },
    arrays,
    readAt: (step) => readAt(model, layer, step),
    foreseen: foreseenBy(model, unchanged),
    because: { layer, explained: (step, wanted) => explained(model, step, wanted) },
  };
}

/**
 * The unit that is shown first: the one that the model's card names, or the one whose hidden state varies most.
 * @param {LiveModel} model
 * @param {string} layer
 */
export function firstUnit(model, layer) {
  const { unit } = model.facts;
  if (unit !== null && layer === model.layers[0]) return unit;
  const hidden = model.signal(layer, "hidden");
  const { units } = model.direction(layer);
  const spreads = Array.from({ length: units }, (_, one) => spread(hidden, one, units));
  return spreads.indexOf(Math.max(...spreads));
}

/**
 * The standard deviation of a unit over all steps, below any where it is no number.
 * @param {Float32Array} values over (step, unit)
 * @param {number} unit
 * @param {number} units
 */
function spread(values, unit, units) {
  const steps = values.length / units;
  let [sum, squares] = [0, 0];
  for (let at = unit; at < values.length; at += units) sum += values[at];
  for (let at = unit; at < values.length; at += units) squares += (values[at] - sum / steps) ** 2;
  return Number.isFinite(squares) ? Math.sqrt(squares / steps) : -1;
}
