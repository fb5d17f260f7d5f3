// Where the reader is, and what goes back to Python.
//
// Between runs of the page the server is asked for nothing. What is sent there: where the reader rests and with which
// text, what is missing, a window around a step, and the request that the model generates text.

import { isDark } from "../browser/colours.js";
import { mount } from "../browser/mount.js";
import { absorb, find } from "../browser/parts.js";
import { presented } from "../browser/presented.js";
import { Resting } from "../browser/resting.js";
import { Live } from "./live.js";
import { Scene } from "./scene.js";
import { Transport } from "./transport.js";
import { WindowRequest } from "./window.js";

/** @import { Call, Message, Part } from "../browser/types" */
/** @import { Options } from "../live/types" */
/** @import { Draw, Header, SentHeader } from "./types" */

export default mount(".stepper", (root) => new Stage(root));

/** @param {Header} header */
function idsOf(header) {
  return [header.passage, ...header.sides.flatMap((side) => [side.weights, side.recording])];
}

class Stage {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Header | null} */
    this.header = null;
    this.shown = ""; // what is, in JSON
    this.step = -1;
    this.unit = 0;
    this.steps = 0;
    this.units = 0;
    this.reverse = false;
    this.unitChosen = false;
    /** @type {Options["card"]} */
    this.card = "signals";
    this.cardTold = ""; // by Python, or to it: the last
    this.playOn = false;
    /** @type {Call<Message<Header | SentHeader>>["setTriggerValue"]} */
    this.tell = () => {};
    this.window = new WindowRequest(root, (step) => this.tell("around", step));
    this.scene = new Scene(root, {
      onStep: (step) => this.jump(step),
      onUnit: (unit) => this.choose(unit),
      onWhy: (asked) => this.ask(asked),
      onHold: (signal, value) => this.live.hold(signal, value),
      canHold: () => this.live.on,
      onWrite: (how) => this.write(how),
      onColour: () => this.scene.paintStrip(this.unit),
      onWords: () => this.transport.dress(),
      onFollow: () => this.follow(),
    });
    this.transport = new Transport(root, this);
    this.live = new Live(root, this);
    this.left = new AbortController();
    this.wear();
    addEventListener("resize", () => this.wear(), { signal: this.left.signal });
    this.resting = new Resting(root, {
      place: () => this.live.place() ?? (this.sides.length ? [this.aim, this.unit, this.card] : null),
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

  get sides() {
    return this.scene.sides;
  }

  get writing() {
    return this.scene.writing;
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
    this.takeCard("models" in header ? header.options.card : header.card);
    if ("models" in header) {
      this.live.receive({ ...data }, header);
      return;
    }
    this.live.end();
    this.scene.know(header.about ?? null, this.unit);
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
    const { revision, layer, signals, strings } = header;
    const shown = JSON.stringify([idsOf(header), revision, layer, signals, strings, dark]);
    this.header = header;
    if (shown === this.shown) {
      this.writing?.settle(header.writing);
      return;
    }
    this.shown = shown;
    this.place(header, before);
    this.scene.build(header, found, dark);
    this.scene.paintStrip(this.unit);
    if (this.playOn) this.goOn();
    this.writing?.settle(header.writing);
    this.draw();
    this.resting.soon();
  }

  /** Nothing can be shown of this text. */
  clear() {
    this.header = null;
    this.shown = "";
    this.scene.clear();
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
    if (!this.live.on) this.resting.knows([told, header.unit, this.card]);
  }

  /** Through what a model has generated. */
  goOn() {
    this.playOn = false;
    this.writing?.arrived();
    this.scene.strip.holder.focus({ preventScroll: true });
    this.transport.start();
  }

  /** @param {Draw} how */
  write(how) {
    this.resting.cancel();
    this.tell("write", { ...how, ...this.told() });
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
    if (!this.sides.length || to === this.unit) return;
    this.unit = to;
    this.unitChosen = true;
    this.scene.paintStrip(to);
    this.draw();
    this.resting.soon();
  }

  draw() {
    const { step, unit, scene } = this;
    if (!this.sides[0].reading.has(step)) {
      this.fetch(step);
      return;
    }
    scene.draw(step, unit);
    this.transport.update(scene.strip.named(step));
    this.writing?.update(step === this.steps - 1);
  }

  /** @param {boolean} asked does the reader want to know why? */
  ask(asked) {
    this.card = asked ? "because" : "signals";
    this.scene.ask(asked);
    this.resting.soon();
  }

  /**
   * What the link says is open, unless the reader has chosen something else since.
   * @param {Options["card"]} [card]
   */
  takeCard(card = "signals") {
    if (card === this.cardTold) return;
    this.card = this.cardTold = card;
    this.scene.ask(card === "because");
  }

  /** The reader goes to the page of the unit that is shown, which need not have been chosen. */
  follow() {
    this.resting.cancel();
    this.unitChosen = true;
    this.resting.knows(this.live.place() ?? [this.aim, this.unit, this.card]);
    this.tell("units", this.told());
  }

  /** What Python is told of where the reader is. */
  told() {
    this.cardTold = this.card;
    return { step: this.aim, unit: this.unitChosen ? this.unit : null, card: this.card, ...this.live.told() };
  }

  wear() {
    this.root.classList.toggle("presented", presented());
  }

  leave() {
    this.left.abort();
    this.transport.leave();
    this.window.settle();
    this.writing?.arrived();
    this.resting.leave();
    this.live.leave();
    this.scene.leave();
  }
}
