// Explore: the text, and every gate at every token of it, read and drawn again at each key.

import { dress, isDark, Scale } from "../browser/colours.js";
import { fixed, make, part, say } from "../browser/format.js";
import { _, fill, speak, wordsOf } from "../browser/locale.js";
import { Card } from "./card.js";
import { found, sentence } from "./finding.js";
import { Foot } from "./foot.js";
import { readKnown } from "./known_part.js";
import { limitsOf } from "./limits.js";
import { LiveModel } from "./model.js";
import { Picture } from "./picture.js";
import { rowsOf } from "./rows.js";
import { TextField } from "./text_field.js";
import { continuation } from "./writing_on.js";

/** @import { Signal } from "../browser/types" */
/** @import { Host, Options, View } from "./types" */

const REST = 500; // ms
const HUSH = 400; // ms until a screen reader is told of a cell
const PORTION = 20; // tokens that the model writes at once
const TEMPERATURE = 0.8;
const EARLY = 8; // steps: rows that were put in order on fewer are put in order again
const OTHERS = 4; // units whose lines are drawn beside the selected unit's
const INKS = ["paper", "zero", "ink", "faint", "grid", "warm", "cool"];

export class ExploreView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    this.root = root;
    this.host = host;
    this.words = wordsOf(root);
    /** @type {View | null} */
    this.view = null;
    /** @type {Options | null} */
    this.options = null;
    this.version = 0;
    /** @type {Map<string, LiveModel>} */
    this.models = new Map();
    /** @type {Map<string, Scale>} */
    this.scales = new Map();
    /** @type {number[]} */
    this.rows = [];
    this.ordered = { by: "", steps: 0 };
    this.frame = 0;
    this.seed = 0;
    this.trouble = "";
    /** @type {Record<"rest" | "hush", ReturnType<typeof setTimeout> | undefined>} */
    this.timers = { rest: undefined, hush: undefined };
    this.field = new TextField(part(root, ".text", HTMLTextAreaElement), () => this.change({ text: this.field.text }));
    this.picture = new Picture(part(root, ".picture", HTMLElement), {
      onCell: (step, unit) => this.change({ step, unit }),
      onZoom: (zoom) => this.change({ zoom }),
    });
    this.card = new Card(part(root, ".card", HTMLElement));
    this.foot = new Foot(root, {
      onChange: (changed) => this.change(changed, { again: true }),
      onZoom: (how) => this.zoom(how),
    });
    this.listen();
  }

  listen() {
    const { root } = this;
    part(root, ".text", HTMLElement).addEventListener("blur", () => this.rest());
    part(root, ".picture", HTMLElement).onkeydown = (event) => this.onKey(event);
    part(root, ".generate", HTMLButtonElement).onclick = () => this.generate();
    const before = part(root, ".before input", HTMLInputElement);
    before.onchange = () => this.change({ before: before.checked });
    const examples = part(root, ".examples", HTMLSelectElement);
    examples.onchange = () => {
      const text = this.facts?.examples[examples.value];
      if (text !== undefined) this.change({ text, step: null, zoom: null }, { again: true });
    };
  }

  /** The facts of the model that reads. */
  get facts() {
    const { view, options } = this;
    return view?.models[options?.before && view.models.length > 1 ? 1 : 0];
  }

  /** The model that reads; undefined until its weights are here. */
  get model() {
    return this.models.get(this.facts?.weights ?? "");
  }

  /**
   * Show what a host gives, the first time or again. What the reader has changed since the host was told stays.
   * @param {View} view
   */
  show(view) {
    const known = this.view?.options;
    const other = this.view?.models[0].weights !== view.models[0].weights;
    this.view = view;
    speak(view.strings);
    this.words();
    if (!this.options || !known) this.options = { ...view.options };
    else if ((view.version ?? this.version) === this.version) this.adopt(known, view.options);
    this.field.text = this.options.text;
    part(this.root, ".text", HTMLTextAreaElement).readOnly = Boolean(view.fixed);
    if (other) {
      this.ordered = { by: "", steps: 0 };
      this.offerExamples();
    }
    this.scales.clear();
    this.dark = isDark(this.root);
    dress(this.root, { signals: [], themes: view.themes }, this.dark);
    this.repaint();
  }

  /**
   * Take what the host has changed by itself.
   * @param {Options} known
   * @param {Options} given
   */
  adopt(known, given) {
    const differs = (/** @type {keyof Options} */ name) => JSON.stringify(known[name]) !== JSON.stringify(given[name]);
    const names = /** @type {(keyof Options)[]} */ (Object.keys(given)).filter(differs);
    const changed = Object.fromEntries(names.map((name) => [name, given[name]]));
    this.options = { .../** @type {Options} */ (this.options), ...changed };
    if ("text" in changed) this.ordered = { by: "", steps: 0 };
  }

  /**
   * The reader has changed something: it is shown in the next frame, and the host hears of it when they rest.
   * @param {Partial<Options>} changed
   * @param {{ again?: boolean }} how with `again` the rows are put in order again
   */
  change(changed, { again = false } = {}) {
    if (!this.options) return;
    Object.assign(this.options, changed);
    this.version += 1;
    if (again) this.ordered = { by: "", steps: 0 };
    if (changed.text !== undefined) this.field.text = changed.text;
    if ("step" in changed || "unit" in changed) this.announce();
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.repaint());
    clearTimeout(this.timers.rest);
    this.timers.rest = setTimeout(() => this.rest(), REST);
  }

  rest() {
    clearTimeout(this.timers.rest);
    const { view, options } = this;
    if (!view || !options || view.version === this.version) return;
    view.options = structuredClone(options);
    view.version = this.version;
    this.host.rest(view.options, this.version);
  }

  repaint() {
    const { facts, options } = this;
    if (!facts || !options) return;
    const model = this.model;
    this.root.classList.toggle("loading", !model);
    part(this.root, ".waiting", HTMLElement).hidden = Boolean(model);
    if (!model) {
      this.fetch(facts);
      return;
    }
    this.trouble = readKnown(model, options.text);
    this.paint(model);
  }

  /** @param {NonNullable<View["models"][number]>} facts */
  async fetch(facts) {
    const made = this.host.model?.(facts) ?? this.host.weights(facts.weights).then((one) => new LiveModel(facts, one));
    const model = await made;
    if (!this.models.has(facts.weights)) this.models.set(facts.weights, model);
    this.repaint();
  }

  /** @param {LiveModel} model */
  paint(model) {
    const { view, options } = this;
    if (!view || !options) return;
    const layer = model.layers.includes(options.layer) ? options.layer : model.layers[0];
    const cells = view.cells[model.direction(layer).cell.type];
    const chosen = cells.filter(({ name }) => !options.signals.length || options.signals.includes(name));
    const signals = chosen.length ? chosen : cells;
    this.order(model, layer);
    const { units } = model.direction(layer);
    const hinted = layer === model.layers[0] ? model.facts.unit : null;
    const unit = Math.min(options.unit ?? hinted ?? this.rows[0] ?? 0, units - 1);
    const step = Math.max(Math.min(options.step ?? model.steps - 1, model.steps - 1), 0);
    const scales = Object.fromEntries(cells.map((signal) => [signal.name, this.scale(signal, model, layer)]));
    const inks = Object.fromEntries(INKS.map((name) => [name, view.themes[this.dark ? "dark" : "light"][name]]));
    const font = getComputedStyle(this.root).getPropertyValue("--st-code-font") || "monospace";
    const shown = { model, layer, signals, scales, rows: this.rows, unit, step, zoom: options.zoom, font, inks };
    const probability = this.kept("probability", [0, 1], view.probability);
    this.picture.paint({
      ...shown,
      colour: cells.some(({ name }) => name === "cell") ? "cell" : "hidden",
      probability,
    });
    const { axis } = this.picture;
    this.card.paint({ ...shown, signals: cells, axis, others: this.rows.slice(0, OTHERS) });
    const place = { unit, units, step, steps: model.steps, shown: axis.shown };
    this.foot.show({ options, layer, layers: model.layers, signals: cells, ...place });
    this.tell(model, layer, cells);
    this.now = { step, unit };
    this.root.dataset.read = String(model.steps);
  }

  /**
   * Which units have rows, and in which order: this holds while one types.
   * @param {LiveModel} model
   * @param {string} layer
   */
  order(model, layer) {
    const { which, sort, units, before } = /** @type {Options} */ (this.options);
    const by = JSON.stringify([layer, which, sort, units, before ? "" : model.facts.weights]);
    const { by: known, steps } = this.ordered;
    if (this.rows.length && before && known) return; // as the trained model's, unit for unit
    if (known === by && (steps >= EARLY || model.steps < EARLY)) return;
    this.rows = rowsOf(model, layer, { which, sort, units });
    this.ordered = { by, steps: model.steps };
  }

  /**
   * @param {Signal} signal
   * @param {LiveModel} model
   * @param {string} layer
   */
  scale(signal, model, layer) {
    return this.kept(signal.name, limitsOf(signal, model.signal(layer, signal.name)), signal.scale);
  }

  /**
   * A scale is made once for its limits.
   * @param {string} name
   * @param {[number, number]} limits
   * @param {Signal["scale"]} stops
   */
  kept(name, limits, stops) {
    const key = `${name} ${limits}`;
    const known = this.scales.get(key) ?? new Scale(limits, stops[this.dark ? "dark" : "light"]);
    this.scales.set(key, known);
    return known;
  }

  /**
   * The measured sentence, and what is to be said of the text.
   * @param {LiveModel} model
   * @param {string} layer
   * @param {Signal[]} signals
   */
  tell(model, layer, signals) {
    const { root, view, options } = this;
    const best = found(model, layer, signals);
    const empty = fill(_("Type a text above, or pick an example, to see every gate at every {token}."), {
      token: model.facts.nouns[0],
    });
    say(part(root, ".found", HTMLElement), !model.steps ? empty : best ? sentence(best) : model.facts.summary);
    say(part(root, ".note", HTMLElement), this.trouble || view?.about || "");
    const { name, reads, look_for } = model.facts;
    const rule = _(
      "The sentence is measured on this text: of all gates and kinds of tokens, the pair whose mean over all units differs most from elsewhere.",
    );
    const about = part(root, ".why .about", HTMLElement);
    const lines = [`${name} ${reads}.`.replaceAll("**", ""), look_for, rule].filter(Boolean);
    if (about.textContent !== lines.join("")) about.replaceChildren(...lines.map((line) => make("p", {}, line)));
    const before = part(root, ".before", HTMLElement);
    before.hidden = (view?.models.length ?? 0) < 2;
    part(root, ".before input", HTMLInputElement).checked = Boolean(options?.before);
    const generate = part(root, ".generate", HTMLButtonElement);
    generate.disabled = Boolean(model.facts.obstacle) || !model.steps;
    generate.title = model.facts.obstacle || _("Let the model write 20 tokens from what it predicts");
    const ramps = ["gate", "signed"].map((kind) => part(root, `.ramp.${kind}`, HTMLElement));
    for (const [ramp, gate] of /** @type {[HTMLElement, boolean][]} */ ([
      [ramps[0], true],
      [ramps[1], false],
    ])) {
      const own = signals.find((signal) => signal.gate === gate);
      ramp.hidden = !own;
      if (own) ramp.style.background = this.scale(own, model, layer).ramp;
    }
  }

  offerExamples() {
    const { facts, root } = this;
    const examples = part(root, ".examples", HTMLSelectElement);
    const titles = Object.keys(facts?.examples ?? {});
    const first = make("option", { value: "", disabled: "", selected: "" }, _("Examples"));
    examples.replaceChildren(first, ...titles.map((title) => make("option", { value: title }, title)));
    examples.hidden = !titles.length;
    part(root, ".text", HTMLTextAreaElement).placeholder = facts?.to_type ?? "";
  }

  generate() {
    const { model } = this;
    if (!model?.steps || model.facts.obstacle) return;
    this.seed += 1;
    const seed = this.seed * 7919 + model.steps;
    this.change({ step: null });
    this.field.append(continuation(model, { count: PORTION, temperature: TEMPERATURE, seed }));
  }

  /** @param {"in" | "out" | "all"} how */
  zoom(how) {
    const { axis } = this.picture;
    const around = this.now?.step ?? axis.stop - 1;
    if (how === "all") this.change({ zoom: axis.steps <= axis.most ? null : [0, axis.steps] });
    else this.change({ zoom: axis.zoomed(how === "in" ? 1.5 : 1 / 1.5, axis.has(around) ? around : axis.stop - 1) });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { model, now, rows } = this;
    if (!model || !now || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows.indexOf(now.unit);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => this.change({ step: Math.max(now.step - 1, 0), unit: now.unit }),
      ArrowRight: () => this.change({ step: Math.min(now.step + 1, model.steps - 1), unit: now.unit }),
      ArrowUp: () => this.change({ unit: rows[Math.max(row - 1, 0)] }),
      ArrowDown: () => this.change({ unit: rows[Math.min(row + 1, rows.length - 1)] }),
      Home: () => this.change({ step: 0 }),
      End: () => this.change({ step: null }),
      "+": () => this.zoom("in"),
      "-": () => this.zoom("out"),
      Escape: () => this.change({ step: null, zoom: null }),
    };
    const own = keys[event.key];
    if (!own) return;
    event.preventDefault();
    own();
  }

  /** Tell a screen reader what is selected, once it stays. */
  announce() {
    clearTimeout(this.timers.hush);
    this.timers.hush = setTimeout(() => {
      const { now, model, view } = this;
      if (!now || !model || !view) return;
      const layer = model.layers.includes(this.options?.layer ?? "") ? String(this.options?.layer) : model.layers[0];
      const { cell, units } = model.direction(layer);
      const signals = view.cells[cell.type].map(
        ({ name, title }) => `${title} ${fixed(model.signal(layer, name)[now.step * units + now.unit], 2)}`,
      );
      const where = fill(_("Unit {unit}"), { unit: now.unit });
      say(part(this.root, ".live", HTMLElement), `${where}, ${this.picture.named(now.step)}. ${signals.join(", ")}`);
    }, HUSH);
  }

  leave() {
    this.rest();
    cancelAnimationFrame(this.frame);
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
  }
}
