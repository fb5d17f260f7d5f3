// Step where no server is: the stepper is given what Python gives it in Streamlit, and what it reports is answered here.

import { dress, isDark } from "../browser/colours.js";
import { make, part } from "../browser/format.js";
import { _, speak, wordsOf } from "../browser/locale.js";
import { default as stepper } from "../step/stepper.js";
import { readKnown } from "./known_part.js";
import { LiveModel } from "./model.js";
import { keep } from "./weights.js";
import { continuation } from "./writing_on.js";

/** @import { SentHeader } from "../step/types" */
/** @import { Host, ModelFacts, Options, View } from "./types" */

const MOST_STEPS = 4000; // that are read at a key press
const WRITES = { portion: 100, temperature: 5, seed: 2 ** 31 - 1 };
const DRESSING = "step";
const LINES = "lines";

/** @typedef {{ text?: string, step?: number, unit?: number | null, card?: Options["card"], version?: number, temperature?: number, seed?: number }} Told */

export class StepView {
  /**
   * @param {HTMLElement} root what stands before the stepper
   * @param {Host} host
   */
  constructor(root, host) {
    this.root = root;
    this.host = host;
    this.place = /** @type {HTMLElement} */ (/** @type {unknown} */ (root.getRootNode()));
    this.words = wordsOf(root);
    /** @type {View | null} */
    this.view = null;
    /** @type {Options | null} */
    this.options = null;
    this.version = 0;
    this.draw = { temperature: 0.8, seed: 1 };
    /** @type {Map<string, LiveModel>} */
    this.models = new Map(); // that write, and say what of a text they do not know
    /** @type {Map<string, ArrayBuffer>} */
    this.weights = new Map();
    this.cleanUp = () => {};
    this.listen();
  }

  listen() {
    const examples = part(this.root, ".examples", HTMLSelectElement);
    const layers = part(this.root, ".layer", HTMLSelectElement);
    const beside = part(this.root, ".beside input", HTMLInputElement);
    examples.onchange = () => this.change({ text: this.facts?.examples[examples.value] ?? "", step: null });
    layers.onchange = () => this.change({ layer: layers.value, unit: null });
    beside.onchange = () => this.change({ before: beside.checked });
  }

  get facts() {
    return this.view?.models[0];
  }

  /** The model and, beside it, itself before training. */
  get shown() {
    const models = this.view?.models ?? [];
    return this.options?.before ? models : models.slice(0, 1);
  }

  /** @param {View} view */
  async show(view) {
    this.view = view;
    this.options = { ...view.options };
    speak(view.strings);
    this.words();
    dress(this.root, { signals: [], themes: view.themes }, isDark(this.root));
    await this.send();
    this.offer();
  }

  /**
   * The reader chose something that the stepper has no control for.
   * @param {Partial<Options>} changed
   */
  change(changed) {
    if (!this.options) return;
    Object.assign(this.options, changed);
    if (changed.text !== undefined) this.version += 1;
    this.host.rest(structuredClone(this.options), this.version);
    this.send();
  }

  /** Give the stepper what is chosen, as a run of the page does in Streamlit. */
  async send() {
    const { shown } = this;
    await Promise.all(shown.map((facts) => this.fetch(facts)));
    if (!this.view || !this.options || shown.length !== this.shown.length) return; // something else was chosen meanwhile
    for (const { weights } of shown) keep(weights, /** @type {ArrayBuffer} */ (this.weights.get(weights)));
    const { cells, themes, probability, strings, spoken, nothing } = this.view;
    const facts = {
      ...Object.fromEntries(shown.map((one) => [one.weights, one])),
      [LINES]: this.view.lines ?? {},
      [DRESSING]: { cells, themes, probability, strings, spoken, nothing },
    };
    this.cleanUp = stepper({
      data: /** @type {never} */ ({ header: this.header(shown), facts }),
      parentElement: this.place,
      setTriggerValue: (name, value) => this.told(name, /** @type {Told} */ (value)),
    });
  }

  /** @param {ModelFacts} facts */
  async fetch({ weights }) {
    if (!this.weights.has(weights)) this.weights.set(weights, await this.host.weights(weights));
  }

  /**
   * @param {ModelFacts[]} shown
   * @returns {SentHeader}
   */
  header(shown) {
    const options = /** @type {Options} */ (this.options);
    const trouble = readKnown(this.model(shown[0]), options.text);
    const { obstacle, nouns } = shown[0];
    return {
      models: shown.map(({ weights }) => weights),
      dressing: DRESSING,
      lines: LINES,
      options: structuredClone(options),
      version: this.version,
      limit: MOST_STEPS,
      known: trouble || !options.text ? null : options.text,
      notes: trouble ? [trouble] : [],
      example: Boolean(trouble),
      writing: { obstacle, ...this.draw, limits: WRITES, tokens: nouns[1] },
    };
  }

  /** @param {ModelFacts} facts */
  model(facts) {
    const bytes = /** @type {ArrayBuffer} */ (this.weights.get(facts.weights));
    const known = this.models.get(facts.weights) ?? new LiveModel(facts, bytes);
    this.models.set(facts.weights, known);
    return known;
  }

  /**
   * What the stepper reports.
   * @param {string} name
   * @param {Told} told
   */
  told(name, told) {
    const { options } = this;
    if (!options || !this.facts) return;
    const { text = options.text, step = options.step, unit, card = options.card, version = this.version } = told;
    if (name === "example") this.change({ text: Object.values(this.facts.examples)[0] ?? "", step: null });
    if (name !== "rested" && name !== "write") return;
    this.version = version;
    Object.assign(options, { text, step, unit: unit ?? options.unit, card });
    if (name === "write") this.write(told);
    this.host.rest(structuredClone(options), version);
    queueMicrotask(() => this.send());
  }

  /**
   * The model continues the text.
   * @param {Told} how
   */
  write({ temperature = 0.8, seed = 1 }) {
    const options = /** @type {Options} */ (this.options);
    this.draw = { temperature, seed };
    const model = this.model(/** @type {ModelFacts} */ (this.facts));
    model.read(options.text);
    options.text += continuation(model, { count: WRITES.portion, temperature, seed: seed + model.steps });
  }

  /** What there is to choose, and what is chosen. */
  offer() {
    const { root, facts, options, view } = this;
    if (!facts || !options || !view) return;
    const examples = part(root, ".examples", HTMLSelectElement);
    const titles = Object.keys(facts.examples);
    const first = make("option", { value: "", disabled: "", selected: "" }, _("Examples"));
    examples.replaceChildren(first, ...titles.map((title) => make("option", { value: title }, title)));
    examples.hidden = !titles.length;
    const { layers } = this.model(facts);
    const choice = part(root, ".layer", HTMLSelectElement);
    choice.replaceChildren(...layers.map((layer) => make("option", { value: layer }, layer)));
    choice.value = layers.includes(options.layer) ? options.layer : layers[0];
    part(root, ".layers", HTMLElement).hidden = layers.length < 2;
    part(root, ".beside", HTMLElement).hidden = view.models.length < 2;
    part(root, ".beside input", HTMLInputElement).checked = options.before;
  }

  leave() {
    part(this.place, ".stepper", HTMLElement).remove(); // what is still on the page is not cleaned up
    this.cleanUp();
  }
}
