// The stage: what is shown now, where the reader is, and what goes back to Python.
//
// Between runs of the page the server is asked for nothing. What is sent there: where the reader rests and with which
// text, what is missing, a window around a step, and the request that the model generates text.

import { dress, isDark } from "../browser/colours.js";
import { part, say } from "../browser/format.js";
import { speak, wordsOf } from "../browser/locale.js";
import { mount } from "../browser/mount.js";
import { absorb, find } from "../browser/parts.js";
import { Resting } from "../browser/resting.js";
import { ColourBy } from "./colour_by.js";
import { Live } from "./live.js";
import { Reading } from "./reading.js";
import { gapsIn, noteOn, spoken } from "./sentences.js";
import { furnish } from "./sides.js";
import { Strip } from "./strip.js";
import { Transport } from "./transport.js";
import { WindowRequest } from "./window.js";
import { Writing } from "./writing.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Call, Message, Part } from "../browser/types" */
/** @import { Cell, Draw, Header, SentHeader, PassageFacts, ReadingSide, RecordingFacts, Side, WeightsFacts } from "./types" */

const HUSH = 300; // ms without a step until a screen reader hears it
const CONTEXT = 14; // characters quoted before a prediction

export default mount(".stepper", (root) => new Stage(root));

/** @param {Header} header */
function idsOf(header) {
  return [header.passage, ...header.sides.flatMap((side) => [side.weights, side.recording])];
}

class Stage {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.showWords = wordsOf(root); // of the HTML, while it has nothing else
    /** @type {Header | null} */
    this.header = null;
    /** @type {Record<"stage" | "furniture" | "dress" | "words", string>} */
    this.shown = { stage: "", furniture: "", dress: "", words: "" }; // what is, in JSON
    /** @type {Side[]} */
    this.furnished = [];
    /** @type {ReadingSide[]} */
    this.sides = [];
    /** @type {Record<string, Scale>} */
    this.scales = {};
    /** @type {Writing | null} */
    this.writing = null;
    this.step = -1;
    this.unit = 0;
    this.steps = 0;
    this.units = 0;
    this.reverse = false;
    this.unitChosen = false;
    this.playOn = false;
    this.window = new WindowRequest(root, (step) => this.tell("around", step));
    /** @type {Record<"announcing" | "later", number | undefined>} */
    this.timers = { announcing: undefined, later: undefined };
    /** @type {Call<Message<Header | SentHeader>>["setTriggerValue"]} */
    this.tell = () => {};
    this.strip = new Strip(part(root, ".strip", HTMLElement), { onStep: (step) => this.jump(step) });
    this.colours = new ColourBy(root, this.strip, () => this.paintStrip());
    this.transport = new Transport(root, this);
    this.live = new Live(root, this);
    this.spoken = part(root, ".live", HTMLElement);
    this.note = part(root, ".note", HTMLElement);
    this.resting = new Resting(root, {
      place: () => this.live.place() ?? (this.sides.length ? [this.aim, this.unit] : null),
      playing: () => this.transport.playing,
      waiting: () => this.waiting || this.live.composing || Boolean(this.writing?.asked),
      writing: () => Boolean(this.writing?.asked),
      tell: () => this.tell("rested", this.told()),
      stop: () => {
        this.transport.stop();
        this.window.settle();
      },
    });
  }

  /** Is a window of steps on its way? */
  get waiting() {
    return this.window.waiting;
  }

  /** Where the reader is, or will be as soon as the steps there have come. */
  get aim() {
    return this.waiting ? (this.window.wanted ?? this.step) : this.step;
  }

  /**
   * A run of the page: take what came with it, and show what it is about if all of that is there.
   * @param {Call<Message<Header | SentHeader>>} call
   */
  receive({ data, setTriggerValue }) {
    this.tell = setTriggerValue;
    this.resting.taken();
    const { header } = data;
    if ("models" in header) {
      this.live.receive({ ...data }, header);
      return;
    }
    this.live.end();
    absorb(data);
    const { found, missing } = find(idsOf(header));
    if (!this.lacks(missing)) this.show(header, /** @type {Record<string, Part>} */ (found));
  }

  /**
   * Ask for what is missing; does anything?
   * @param {string[] | undefined} missing
   */
  lacks(missing) {
    this.root.classList.toggle("loading", Boolean(missing?.length));
    if (missing?.length) this.tell("missing", missing);
    return Boolean(missing?.length);
  }

  /**
   * Show this, if it is not shown yet.
   * @param {Header} header
   * @param {Record<string, Part>} found
   */
  show(header, found) {
    const before = this.header;
    const dark = isDark(this.root);
    const stage = JSON.stringify([idsOf(header), header.revision, header.layer, header.signals, dark]);
    const spoken = header.strings === before?.strings || JSON.stringify(header.strings) === this.shown.words;
    const same = stage === this.shown.stage && spoken;
    this.header = header;
    if (same) {
      this.writing?.settle(header.writing);
      return;
    }
    this.shown.stage = stage;
    this.place(header, before);
    this.build(header, found, dark, before);
    this.draw();
    this.resting.soon();
  }

  /** Nothing can be shown of this text. */
  clear() {
    this.header = null;
    this.shown.stage = "";
    this.sides = [];
    this.strip.write({ tokens: [], pieces: {}, own: 0, spoken: {}, apart: false, shapes: {} });
  }

  /**
   * Where the reader stands: kept on the same text, where the change is on one that they typed, and taken from Python on
   * another.
   * @param {Header} header
   * @param {Header | null} before
   */
  place(header, before) {
    const { reverse } = header.layer;
    const same = before?.passage === header.passage;
    const answered = before !== null && !same && header.typed === undefined && Boolean(this.writing?.asked);
    const last = header.steps - 1;
    const told = header.step ?? (reverse ? last : 0);
    if (answered) this.step = header.steps > this.steps ? this.step : header.own - 1;
    else if (header.typed !== undefined) this.step = header.typed;
    else if (!same) this.step = told;
    else if (this.window.wanted !== undefined) this.step = this.window.wanted;
    this.playOn = answered;
    this.reverse = reverse;
    this.units = header.layer.units;
    this.steps = header.steps;
    this.window.settle();
    if (!same && !answered && header.typed === undefined) this.unitChosen = false;
    const stays = this.unitChosen || header.typed !== undefined;
    if (!stays || this.unit >= this.units) this.unit = header.unit;
    this.step = Math.min(Math.max(this.step, 0), last);
    if (!this.live.on) this.resting.knows([told, header.unit]);
  }

  /**
   * @param {Header} header
   * @param {Record<string, Part>} found
   * @param {boolean} dark
   * @param {Header | null} before
   */
  build(header, found, dark, before) {
    const again = this.dress(header, dark);
    this.sides = this.furnished.map((side, index) => {
      const { title, ...ids } = header.sides[index];
      say(side.title, title);
      const weights = /** @type {Part<WeightsFacts>} */ (found[ids.weights]);
      const recording = /** @type {Part<RecordingFacts>} */ (found[ids.recording]);
      const reading = new Reading({ title, weights, recording, ...header.layer });
      const other = /** @type {Part<RecordingFacts> | null} */ (ids.was ? found[ids.was] : null);
      const was = other && new Reading({ title, weights, recording: other, ...header.layer });
      if (again) {
        side.cell.paint(this.scales, header.signals, header.layer);
        side.miniature.build(header.signals);
      }
      side.miniature.take(reading);
      return { ...side, reading, was };
    });
    const passage = /** @type {Part<PassageFacts>} */ (found[header.passage]);
    if (before?.passage !== header.passage) this.strip.write(passage.facts);
    say(this.note, [noteOn(header), this.live.on ? gapsIn(this.sides[0].reading) : ""].filter(Boolean).join(" "));
    this.note.hidden = !this.note.textContent;
    this.colours.offer(header.signals);
    this.paintStrip();
    // The big pictures come a frame later, so that the cell is there first.
    cancelAnimationFrame(this.timers.later ?? 0);
    this.timers.later = requestAnimationFrame(() => {
      for (const { miniature } of this.sides) miniature.paint(this.scales);
      this.root.classList.add("whole");
    });
    if (this.playOn) {
      this.playOn = false;
      this.writing?.arrived();
      this.strip.holder.focus({ preventScroll: true });
      this.transport.start();
    }
    this.writing?.settle(header.writing);
  }

  /**
   * Colours, words and furniture, where they are others than before: were they?
   * @param {Header} header
   * @param {boolean} dark
   */
  dress(header, dark) {
    const words = JSON.stringify(header.strings); // few, and only in another language than English
    if (this.shown.words !== words) {
      this.shown.words = words;
      speak(header.strings);
      this.showWords();
      this.transport.dress();
      this.shown.furniture = "";
    }
    const furniture = JSON.stringify([header.sides.length, header.layer.cell, this.live.on]);
    const dressed = JSON.stringify([header.signals, header.layer, dark]);
    const again = this.shown.furniture !== furniture || this.shown.dress !== dressed;
    if (again) this.scales = dress(this.root, header, dark);
    if (this.shown.furniture !== furniture) this.furnish(header.sides.length, header.layer.cell);
    this.shown.furniture = furniture;
    this.shown.dress = dressed;
    return again;
  }

  /**
   * @param {number} count
   * @param {Cell} cell
   */
  furnish(count, cell) {
    this.furnished = furnish(this.root, count, cell, {
      onUnit: (unit) => this.choose(unit),
      onStep: (step) => this.jump(step),
      onHold: this.live.on ? (signal, value) => this.live.hold(signal, value) : undefined,
    });
    const form = part(this.furnished[0].article, "form.write", HTMLFormElement);
    this.writing = new Writing(form, { onWrite: (how) => this.write(how) });
  }

  /** @param {Draw} how */
  write(how) {
    this.resting.cancel();
    this.tell("write", { ...how, ...this.told() });
  }

  paintStrip() {
    if (this.header) this.colours.paint(this.sides, this.header.signals, this.scales, this.unit);
  }

  /**
   * A jump by pointer ends playing.
   * @param {number} step
   */
  jump(step) {
    this.transport.stop();
    this.go(step);
  }

  /** @param {number} step */
  go(step) {
    const to = Math.min(Math.max(step, 0), this.steps - 1);
    if (!this.sides.length || to === this.step) return;
    if (!this.sides[0].reading.has(to)) {
      this.fetch(to);
      return;
    }
    this.window.settle();
    this.step = to;
    this.draw();
    this.resting.soon();
  }

  /** @param {number} step */
  fetch(step) {
    this.resting.cancel();
    this.window.around(step);
  }

  /** @param {number} unit */
  choose(unit) {
    const to = Math.min(Math.max(unit, 0), this.units - 1);
    if (to === this.unit) return;
    this.unit = to;
    this.unitChosen = true;
    this.paintStrip();
    this.draw();
    this.resting.soon();
  }

  draw() {
    const { step, unit } = this;
    if (!this.sides[0].reading.has(step)) {
      this.fetch(step);
      return;
    }
    this.strip.mark(step); // first: it asks where things are, which is free only while nothing has changed yet
    const { tokens } = this.strip;
    const noun = this.header?.nouns[0] ?? "";
    const quoted = { token: tokens[step], context: this.strip.upTo(step, CONTEXT), noun };
    for (const { reading, was, cell, arithmetic, prediction, miniature } of this.sides) {
      cell.update(reading, step, unit, tokens[step], was);
      arithmetic.update(reading, step, unit, was);
      prediction.update(reading, step, { ...quoted, held: was !== null });
      miniature.update(step, unit, reading.units);
    }
    this.transport.update(this.strip.named(step));
    this.writing?.update(step === this.steps - 1);
    this.hush();
  }

  /** What Python is told of where the reader is. */
  told() {
    return { step: this.aim, unit: this.unitChosen ? this.unit : null, ...this.live.told() };
  }

  /** Say the step to a screen reader, once it has stood for a moment. */
  hush() {
    clearTimeout(this.timers.announcing);
    const token = this.strip.named(this.step);
    this.timers.announcing = setTimeout(() => {
      const readings = this.sides.map((side) => side.reading);
      const signals = this.header?.signals ?? [];
      say(this.spoken, spoken(readings, signals, { step: this.step, unit: this.unit, token }));
    }, HUSH);
  }

  leave() {
    this.transport.leave();
    this.window.settle();
    this.writing?.arrived();
    this.resting.leave();
    this.live.leave();
    clearTimeout(this.timers.announcing);
    cancelAnimationFrame(this.timers.later ?? 0);
  }
}
