// The models that read in this tab, and what they make of the text: a header and parts as the server sends them.

import { readTensors } from "../live/engine/safetensors.js";
import { weightsPart } from "../live/layer_parts.js";
import { LiveModel } from "../live/model.js";
import { firstUnit, layerOf, passageOf, recordingOf, signalsOf } from "../live/stage.js";
import { kept } from "../live/weights.js";

/** @import { Part } from "../browser/types" */
/** @import { Intervention } from "../live/engine/interventions.js" */
/** @import { Tensor } from "../live/engine/safetensors.js" */
/** @import { ModelFacts } from "../live/types" */
/** @import { Header, LiveHeader } from "./types" */

/** A text of more steps than are read here at a key press, or of none. */
export class OutOfBounds extends Error {}

export class LiveReader {
  constructor() {
    /** @type {LiveModel[]} */
    this.models = [];
    /** @type {Map<string, { model: LiveModel; tensors: Record<string, Tensor>; weights: Map<string, Part> }>} */
    this.opened = new Map();
    /** @type {LiveModel | null} */
    this.altered = null; // the first of them, once signals are held in it
    this.edited = 0; // the last step that the last change of the text brought, or the one before what it took away
  }

  /**
   * Take these models, whose weights are here.
   * @param {ModelFacts[]} every
   */
  open(every) {
    const ids = every.map(({ weights }) => weights);
    for (const id of this.opened.keys()) if (!ids.includes(id)) this.opened.delete(id);
    const before = this.models[0];
    this.models = every.map((facts) => this.opening(facts).model);
    if (this.models[0] !== before) this.altered = null;
    for (const [at, model] of this.models.entries()) model.facts = every[at]; // a name may be another's now
  }

  /** @param {ModelFacts} facts */
  opening(facts) {
    const known = this.opened.get(facts.weights);
    if (known) return known;
    const bytes = /** @type {ArrayBuffer} */ (kept(facts.weights));
    const found = { model: new LiveModel(facts, bytes), tensors: readTensors(bytes), weights: new Map() };
    this.opened.set(facts.weights, found);
    return found;
  }

  /**
   * Read a text. Throws UnknownPieces, Doubtful and OutOfBounds for what is not read here; all stays as it was then.
   * @param {string} text
   * @param {number} limit of steps
   */
  read(text, limit) {
    const [first, ...others] = this.models;
    const tokens = first.encode(text);
    const steps = tokens.labels.length;
    if (!steps || steps > limit) throw new OutOfBounds();
    this.edited = lastChange(first.tokens.labels, tokens.labels);
    for (const model of [first, ...others]) model.take(tokens);
  }

  /**
   * @param {LiveHeader} live
   * @param {(layer: string, steps: number) => Intervention[]} held
   * @returns {{ header: Header; found: Record<string, Part> }}
   */
  stage({ view, spoken, nothing, writing }, held) {
    const [model] = this.models;
    const layer = model.layers.includes(view.options.layer) ? view.options.layer : model.layers[0];
    const interventions = held(layer, model.steps);
    const altered = interventions.length ? this.alter(interventions) : null;
    const { facts, tokens, steps } = model;
    const passage = `passage ${tokens.labels.join("\u0000")}`;
    const own = layerOf(model, layer);
    /** @type {Record<string, Part>} */
    const found = { [passage]: { facts: { shapes: {}, ...passageOf(model, spoken) }, arrays: {}, bytes: 0 } };
    const sides = this.models.map((one, at) => {
      const ids = { weights: `weights ${one.facts.weights} ${layer}`, recording: `recording ${at}` };
      found[ids.weights] = this.weights(one, layer);
      found[ids.recording] = { ...recordingOf(one, layer, nothing), bytes: 0 };
      if (!altered || at) return { title: view.models[at].title, ...ids };
      found.altered = { ...recordingOf(altered, layer, nothing, one), bytes: 0 };
      return { title: view.models[at].title, weights: ids.weights, recording: "altered", was: ids.recording };
    });
    const signals = signalsOf(this.models, layer, view.cells[own.cell.type]);
    const { themes, strings, options } = view;
    const unit = options.unit ?? firstUnit(model, layer);
    const [place, text] = [
      { unit, step: options.step },
      { passage, steps, own: steps, nouns: facts.nouns },
    ];
    const header = { ...text, ...place, sides, layer: own, window: [0, steps], signals, themes, writing, strings };
    return { header: /** @type {Header} */ (header), found };
  }

  /**
   * The first model with signals held, on the same text.
   * @param {Intervention[]} interventions
   */
  alter(interventions) {
    const [{ facts, tokens }] = this.models;
    this.altered ??= new LiveModel(facts, /** @type {ArrayBuffer} */ (kept(facts.weights)));
    this.altered.take(tokens, interventions);
    return this.altered;
  }

  /**
   * @param {LiveModel} model
   * @param {string} layer
   * @returns {Part}
   */
  weights(model, layer) {
    const { tensors, weights } = this.opening(model.facts);
    if (!weights.has(layer)) weights.set(layer, { ...weightsPart(model, tensors, layer), bytes: 0 });
    return /** @type {Part} */ (weights.get(layer));
  }
}

/**
 * Where the change from one text to another ends in the other.
 * @param {string[]} before
 * @param {string[]} now
 */
function lastChange(before, now) {
  const most = Math.min(before.length, now.length);
  let start = 0;
  while (start < most && before[start] === now[start]) start++;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === now[now.length - 1 - end]) end++;
  return Math.max(now.length - end - 1, 0);
}
