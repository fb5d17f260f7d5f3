// The text that is read here at every key: what is typed, what the server has said of it, and what it is told.

import { UnknownPieces } from "../live/engine/encoders.js";
import { Doubtful } from "../live/engine/numbers.js";
import { absorb, facts, kept } from "../live/weights.js";
import { Holding } from "./holding.js";
import { LiveReader, OutOfBounds } from "./live_reader.js";
import { Typing } from "./typing.js";

/** @import { ModelFacts, View } from "../live/types" */
/** @import { About, Header, LiveHeader, SentHeader } from "./types" */
/** @import { Part } from "../browser/types" */

/**
 * What this needs of the stage.
 * @typedef {{ step: number; unit: number; unitChosen: boolean; card: string; sides: unknown[]; resting: { soon: (after?: number) => void;
 *   knows: (place: unknown) => void }; scene: { know: (about: About | null, unit: number) => void }; tell: (name: string, value: unknown) => void; clear: () => void;
 *   lacks: (missing: string[]) => boolean; show: (header: Header, found: Record<string, Part>) => void }} Stage
 */

// ms after a key until what is typed is in the address: not between the keys of one who types, as browsers then ask for
// the page's icon again.
const STILL = 300;

export class Live {
  /**
   * @param {HTMLElement} root
   * @param {Stage} stage
   */
  constructor(root, stage) {
    this.root = root;
    this.stage = stage;
    /** @type {LiveHeader | null} */
    this.header = null; // null while the server reads
    this.reader = new LiveReader();
    this.version = 0; // of what was told last
    this.last = ""; // the text that the server knows
    this.typed = false; // since then?
    this.typing = new Typing(root, {
      onText: () => this.onText(),
      onRest: () => stage.resting.soon(),
      onExample: () => stage.tell("example", true),
    });
    this.holding = new Holding(root, () => this.read());
    this.asked = ""; // the lines that the server was asked for
    this.held = ""; // in what signals are held: a model and a layer
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.address = undefined;
    this.left = new AbortController();
    const { signal } = this.left;
    document.addEventListener("visibilitychange", () => this.onHidden(), { signal });
  }

  get on() {
    return this.header !== null;
  }

  get composing() {
    return this.on && this.typing.composing;
  }

  /**
   * A run of the page: its text is taken unless it is what this tab has told, or older than that.
   * @param {Record<string, unknown>} data all that came with it
   * @param {SentHeader} sent
   */
  receive(data, sent) {
    absorb(data);
    const missing = missingOf(sent);
    if (this.stage.lacks(missing)) return;
    const { spoken, nothing } = facts(sent.dressing);
    const header = { ...sent, spoken, nothing, view: viewOf(sent) };
    const { view } = header;
    const fresh = this.header === null;
    this.header = header;
    const { text } = view.options;
    const version = view.version ?? 0;
    const changed = fresh || (version >= this.version && text !== this.last);
    this.version = Math.max(this.version, version);
    this.reader.open(view.models);
    const held = `${view.models[0].weights} ${view.options.layer}`;
    if (held !== this.held) this.holding.forget();
    this.held = held;
    this.typing.box.placeholder = view.models[0].to_type;
    this.typing.show(true);
    this.typing.say(header.notes, header.example);
    if (changed) {
      this.typing.text = text;
      this.last = text;
      this.typed = false;
    }
    this.read();
    this.learn(sent);
    if (changed) this.stage.resting.knows(this.place());
  }

  /**
   * What the units do, which is asked for once all else is drawn.
   * @param {SentHeader} sent
   */
  learn({ lines = "", linked = false }) {
    const { layer, reader, stage } = this;
    const found = facts(lines);
    stage.scene.know({ model: reader.models[0].facts.name, layer, lines: found?.[layer] ?? {}, linked }, stage.unit);
    if (!lines || found || this.asked === lines) return;
    this.asked = lines;
    stage.tell("missing", [lines]);
  }

  /** The server reads again. */
  end() {
    this.header = null;
    this.holding.forget();
    this.typing.show(false);
    this.root.classList.remove("empty");
  }

  onText() {
    this.typed = true;
    this.read(true);
    this.stage.resting.soon();
    clearTimeout(this.address);
    this.address = setTimeout(() => this.toAddress(), STILL);
  }

  /**
   * Read what is in the field and show it. Of what cannot be read the last picture stays, and the server says why.
   * @param {boolean} [typed] by the reader, just now
   */
  read(typed = false) {
    if (!this.header) return;
    const { reader, header, stage } = this;
    const { view, known } = header;
    const { text } = this.typing;
    const readable = text === view.options.text ? known : text;
    if (!readable || !this.tries(readable, view.limit ?? Number.POSITIVE_INFINITY)) {
      if (!text || !stage.sides.length) this.empty();
      return;
    }
    this.root.classList.remove("empty");
    const { header: made, found } = reader.stage(header, (layer, steps) => this.holding.interventions(layer, steps));
    const titles = Object.fromEntries(made.signals.map(({ name, title }) => [name, title]));
    this.holding.name(titles, made.layer.reverse);
    if (typed && view.models[0].unit === null) stage.unitChosen = true; // another text would have another
    const { revision } = this.holding;
    stage.show(typed ? { ...made, revision, typed: reader.edited } : { ...made, revision }, found);
  }

  /**
   * @param {string} text
   * @param {number} limit
   */
  tries(text, limit) {
    try {
      this.reader.read(text, limit);
      return true;
    } catch (error) {
      if (error instanceof UnknownPieces || error instanceof Doubtful || error instanceof OutOfBounds) return false;
      throw error;
    }
  }

  empty() {
    this.root.classList.add("empty");
    this.stage.clear();
  }

  /**
   * Hold a signal of the selected unit at the step that is shown, or let go of it.
   * @param {string} signal
   * @param {number | null} value
   */
  hold(signal, value) {
    const { step, unit } = this.stage;
    const [model] = this.reader.models;
    const layer = this.layer;
    const was = model.direction(layer).column(signal, step)[unit];
    this.holding.hold({ signal, unit, step }, value, was);
  }

  get layer() {
    const { layers } = this.reader.models[0];
    const wanted = this.header?.view.options.layer ?? "";
    return layers.includes(wanted) ? wanted : layers[0];
  }

  /** What counts as another place: null while the server reads. */
  place() {
    return this.on
      ? { text: this.typing.text, step: this.stage.step, unit: this.stage.unit, card: this.stage.card }
      : null;
  }

  /** What the server is told beside the place, and takes as its own from now on. */
  told() {
    if (!this.on) return {};
    this.version += 1;
    this.last = this.typing.text;
    this.typed = false;
    return { text: this.last, steps: this.reader.models[0].steps, version: this.version };
  }

  onHidden() {
    if (document.visibilityState === "hidden" && this.on) this.stage.resting.soon(0);
  }

  /** A reload begins with the address, so the typed text goes there before the server hears of it. */
  toAddress() {
    if (!this.on || !this.typed || this.composing) return;
    const { pathname, search, hash } = window.location;
    const others = search
      .replace(/^\?/, "")
      .split("&")
      .filter((pair) => pair && !/^(text|step)=/.test(pair));
    const own = new URLSearchParams({ text: this.typing.text, step: String(this.stage.step) });
    window.history.replaceState(window.history.state, "", `${pathname}?${[...others, own].join("&")}${hash}`);
  }

  leave() {
    clearTimeout(this.address);
    this.left.abort();
  }
}

/**
 * What this tab lacks: facts of models, words and colours, and then weights.
 * @param {SentHeader} header
 */
function missingOf({ models, dressing }) {
  const ids = [...models, dressing].filter((id) => !facts(id));
  return ids.length ? ids : models.map((id) => facts(id).weights).filter((id) => !kept(id));
}

/**
 * @param {SentHeader} header
 * @returns {View}
 */
function viewOf({ models, dressing, options, version, limit }) {
  const every = models.map((id) => /** @type {ModelFacts} */ (facts(id)));
  return { ...facts(dressing), models: every, options, version, limit };
}
