// Explore: the text, and every gate at every token of it, read and drawn again at each key.

import { part, say } from "../browser/format.js";
import { speak, wordsOf } from "../browser/locale.js";
import { presented } from "../browser/presented.js";
import { Bar } from "./bar.js";
import { moved, spoken } from "./cell_keys.js";
import { Foot } from "./foot.js";
import { named } from "./hover_text.js";
import { readKnown } from "./known_part.js";
import { LiveModel } from "./model.js";
import { Picture } from "./picture.js";
import { OrderedRows } from "./rows.js";
import { Scales } from "./scales.js";
import { extended } from "./span.js";
import { TextField } from "./text_field.js";
import { UnitCard } from "./unit_card.js";
import { continuation } from "./writing_on.js";

/** @import { Host, Options, View } from "./types" */

const REST = 500; // ms
const HUSH = 400; // ms until a screen reader is told of a cell
const PORTION = 20; // tokens that the model writes at once
const TEMPERATURE = 0.8;
const OTHERS = 4; // units whose lines are drawn beside the selected unit's

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
    this.scales = new Scales(root);
    this.ordered = new OrderedRows();
    this.left = new AbortController();
    this.frame = 0;
    this.again = false;
    this.seed = 0;
    this.trouble = "";
    this.typing = false; // since a step was chosen
    /** @type {Record<"rest" | "hush", ReturnType<typeof setTimeout> | undefined>} */
    this.timers = { rest: undefined, hush: undefined };
    this.field = new TextField(part(root, ".text", HTMLTextAreaElement), () => this.change({ text: this.field.text }));
    this.picture = new Picture(part(root, ".picture", HTMLElement), {
      onCell: (step, unit) => this.change({ step, unit }),
      onZoom: (zoom) => this.change({ zoom }),
      onSpan: (span) => this.change({ span }),
    });
    this.card = new UnitCard(part(root, ".card", HTMLElement), {
      onUnit: (layer, unit) => this.change({ layer, unit }),
      onCard: (card) => this.change({ card }),
      untrained: () => this.untrained(),
      onFollow: () => this.follow(),
    });
    this.foot = new Foot(root, {
      onChange: (changed) => this.change(changed, { again: true }),
      onZoom: (how) => this.zoom(how),
    });
    this.bar = new Bar(root, {
      onExample: (text) => this.change({ text, step: null, zoom: null, span: null }, { again: true }),
      onGenerate: () => this.generate(),
      onBefore: (before) => this.change({ before }),
    });
    this.listen();
  }

  listen() {
    const { root } = this;
    part(root, ".text", HTMLElement).addEventListener("blur", () => this.rest());
    addEventListener("resize", () => this.draw(false), { signal: this.left.signal }); // it fits the screen
    part(root, ".picture", HTMLElement).onkeydown = (event) => this.onKey(event);
  }

  /** The facts of the model that reads. */
  get facts() {
    const { view, options } = this;
    return view?.models[options?.before && view.models.length > 1 ? 1 : 0];
  }

  /** The model before training, where it is another than the one that reads, and its weights are in the page already. */
  untrained() {
    const [first, other] = this.view?.models ?? [];
    if (!other || this.facts !== first) return undefined;
    if (!this.models.has(other.weights) && this.host.has?.(other.weights)) this.fetch(other);
    return this.models.get(other.weights);
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
    if (!this.options || !known) {
      this.options = { ...view.options };
      this.version = view.version ?? 0;
    } else if ((view.version ?? this.version) === this.version) this.adopt(known, view.options);
    this.field.text = this.options.text;
    part(this.root, ".text", HTMLTextAreaElement).readOnly = Boolean(view.fixed);
    if (other) {
      this.ordered.forget();
      this.bar.offer(view.models[0], view.models.length > 1);
    }
    this.scales.wear(view);
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
    if ("text" in changed) this.ordered.forget();
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
    if (changed.text !== undefined || "step" in changed) this.typing = changed.text !== undefined;
    if (again) this.ordered.forget();
    if (changed.text !== undefined) this.field.text = changed.text;
    if ("step" in changed || "unit" in changed || "span" in changed) this.announce();
    this.draw(changed.text !== undefined);
    clearTimeout(this.timers.rest);
    this.timers.rest = setTimeout(() => this.rest(), REST);
  }

  /**
   * Draw again before the next frame: a key at once, so that its frame need not wait; more of the same frame together.
   * @param {boolean} now
   */
  draw(now) {
    this.again = !now || this.frame > 0;
    if (this.frame) return;
    if (now) this.repaint();
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.again) this.repaint();
    });
  }

  rest() {
    clearTimeout(this.timers.rest);
    const { view, options } = this;
    if (!view || !options || view.version === this.version) return;
    view.options = structuredClone(options);
    view.version = this.version;
    this.host.rest(view.options, this.version);
  }

  /** The reader goes to the page of the unit that is shown, which need not have been chosen: a host hears of all at once. */
  follow() {
    this.repaint(); // a number that was typed counts from the next frame on, and the pointer may be faster
    const { view, now } = this;
    if (!view || !now) return;
    this.change({ layer: now.layer, unit: now.unit });
    clearTimeout(this.timers.rest);
    view.options = structuredClone(/** @type {Options} */ (this.options));
    view.version = this.version;
    this.host.open?.("units", view.options, this.version);
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
    const rows = this.ordered.of(model, layer, options);
    this.root.classList.toggle("presented", presented());
    const { units } = model.direction(layer);
    const hinted = layer === model.layers[0] ? model.facts.unit : null;
    const unit = Math.max(Math.min(options.unit ?? hinted ?? rows[0] ?? 0, units - 1), 0);
    const step = Math.max(Math.min(options.step ?? model.steps - 1, model.steps - 1), 0);
    const { inks, font, probability } = this.scales;
    const scales = Object.fromEntries(
      cells.map((signal) => [signal.name, this.scales.of(signal, model.signal(layer, signal.name))]),
    );
    const shown = {
      model,
      layer,
      signals,
      scales,
      rows,
      unit,
      step,
      zoom: options.zoom,
      span: options.span,
      font,
      inks,
    };
    const focus = this.typing ? this.underCaret(model) : options.step;
    this.picture.paint({
      ...shown,
      focus,
      colour: cells.some(({ name }) => name === "cell") ? "cell" : "hidden",
      probability,
    });
    const { axis } = this.picture;
    this.card.paint({ ...shown, signals: cells, axis, others: rows.slice(0, OTHERS) }, options.card);
    const known = model.facts.weights === view.models[0].weights; // and not the model before training
    const address = known ? this.host.links?.units : undefined;
    this.card.tell({
      unit,
      line: known ? view.lines?.[layer]?.[unit] : "",
      address: address?.({ ...options, layer, unit }),
    });
    const place = { unit, units, step, steps: model.steps, shown: axis.shown };
    this.foot.show({ options, layer, layers: model.layers, signals: cells, ...place });
    const note = this.trouble || view.about || "";
    this.bar.show(model, { layer, signals: cells, scales, options, note });
    this.now = { step, unit, layer, signals: cells, rows };
    this.root.dataset.model = model.facts.name;
    this.root.dataset.read = String(model.steps);
  }

  /**
   * The step where the reader types; of words and numbers about where it is.
   * @param {LiveModel} model
   */
  underCaret({ facts, steps, tokens }) {
    const { caret, text } = this.field;
    if (facts.apart) return Math.floor((caret / Math.max(text.length, 1)) * steps);
    const after = tokens.groups.findIndex((group) => group >= caret);
    return after < 0 ? null : after;
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
    const { model, now, options } = this;
    if (!model || !now || !options || event.ctrlKey || event.metaKey || event.altKey) return;
    const { steps } = model;
    // What is chosen, which may not be painted yet.
    const step = Math.max(Math.min(options.step ?? steps - 1, steps - 1), 0);
    const place = { ...now, step, unit: options.unit ?? now.unit, steps, span: options.span };
    const changed = (event.shiftKey && extended(event.key, place)) || moved(event.key, place);
    if (!changed && event.key !== "+" && event.key !== "-") return;
    event.preventDefault();
    if (changed) this.change(changed);
    else this.zoom(event.key === "+" ? "in" : "out");
  }

  /** Tell a screen reader what is selected, once it stays. */
  announce() {
    clearTimeout(this.timers.hush);
    this.timers.hush = setTimeout(() => {
      const { now, model } = this;
      if (!now || !model?.steps) return;
      const span = this.options?.span ?? null;
      say(part(this.root, ".live", HTMLElement), spoken(model, { ...now, named: named(model, now.step), span }));
    }, HUSH);
  }

  leave() {
    this.left.abort();
    this.rest();
    this.card.leave();
    cancelAnimationFrame(this.frame);
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
  }
}
