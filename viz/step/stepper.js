// The stage: what is shown now, where the reader is, and what goes back to Python.
//
// Between runs of the page nothing is asked of the server;
// what goes there: a rest (after REST ms without a step), parts that are missing, a window around a step, and
// the wish that the model writes on.

import { dress, isDark } from "../browser/colours.js";
import { make, say } from "../browser/format.js";
import { mount } from "../browser/mount.js";
import { absorb, find } from "../browser/parts.js";
import { Reading } from "./reading.js";
import { furnish } from "./sides.js";
import { Strip } from "./strip.js";
import { Transport } from "./transport.js";
import { legendOf, noteOn, spoken } from "./words.js";
import { Writing } from "./writing.js";

const REST = 500; // ms
const PATIENCE = 10000; // ms until a window that does not come is no longer waited for
const STILL = 100; // ms
const HUSH = 300; // ms without a step until a screen reader is told
const CONTEXT = 14; // characters quoted before a prediction

export default mount(".stepper", (root) => new Stage(root));

function idsOf(header) {
  return [header.passage, ...header.sides.flatMap((side) => [side.weights, side.recording])];
}

class Stage {
  constructor(root) {
    this.root = root;
    this.sides = [];
    this.step = -1;
    this.unit = 0;
    this.steps = 0;
    this.units = 0;
    this.unitChosen = false;
    this.strip = new Strip(root.querySelector(".strip"), { onStep: (step) => this.jump(step) });
    this.colour = root.querySelector("select.colour");
    this.colour.onchange = () => this.paintStrip();
    this.transport = new Transport(root, this);
    this.live = root.querySelector(".live");
    root.onpointerleave = () => this.rest(0);
    root.addEventListener("focusout", (event) => !root.contains(event.relatedTarget) && this.rest(0));
  }

  /** A run of the page: take what came with it, and show what it is about if all of that is there. */
  receive({ data, setTriggerValue }) {
    this.tell = setTriggerValue;
    absorb(data);
    const { header } = data;
    const ids = idsOf(header);
    const { found, missing } = find(ids);
    this.root.classList.toggle("loading", Boolean(missing));
    if (missing) {
      this.tell("missing", missing);
      return;
    }
    const dark = isDark(this.root);
    const shown = JSON.stringify([ids, header.layer, header.signals, dark]);
    const before = this.header;
    this.header = header;
    if (shown === this.shown) {
      this.writing?.settle(header.writing);
      return;
    }
    this.shown = shown;
    this.place(header, before);
    this.build(header, found, dark, before);
    this.draw();
    this.rest();
  }

  /** Where the reader stands: kept on the same text, taken from Python on another. */
  place(header, before) {
    const { reverse } = header.layer;
    const same = before && before.passage === header.passage;
    const answered = before && !same && this.writing?.asked;
    const last = header.steps - 1;
    const told = header.step ?? last;
    if (answered) this.step = header.steps > this.steps ? this.step : header.own - 1;
    else if (!same) this.step = told;
    else if (this.wanted !== undefined) this.step = this.wanted;
    this.playOn = answered;
    this.reverse = reverse;
    this.units = header.layer.units;
    this.steps = header.steps;
    this.settle();
    if (!same && !answered) this.unitChosen = false;
    if (!this.unitChosen || this.unit >= this.units) this.unit = header.unit;
    this.step = Math.min(Math.max(this.step, 0), last);
    this.rested = JSON.stringify([told, header.unit]);
  }

  build(header, found, dark, before) {
    this.scales = dress(this.root, header, dark);
    const furniture = JSON.stringify([header.sides.length, header.layer.cell]);
    if (this.furniture !== furniture) this.furnish(header.sides.length, header.layer.cell);
    this.furniture = furniture;
    this.sides.forEach((side, index) => {
      const { title, weights, recording } = header.sides[index];
      say(side.title, title);
      side.reading = new Reading({ title, weights: found[weights], recording: found[recording], ...header.layer });
      side.cell.paint(this.scales, header.signals, header.layer);
      side.miniature.build(header.signals, side.reading);
    });
    if (!before || before.passage !== header.passage) this.strip.write(found[header.passage].facts);
    const note = this.root.querySelector(".note");
    say(note, noteOn(header));
    note.hidden = !note.textContent;
    this.offerColours(header.signals);
    this.paintStrip();
    // The big pictures come a frame later, so that the cell is there first.
    cancelAnimationFrame(this.later);
    this.later = requestAnimationFrame(() => {
      for (const { miniature, reading } of this.sides) miniature.paint(reading, this.scales);
      this.root.classList.add("whole");
    });
    if (this.playOn) {
      this.playOn = false;
      this.writing.arrived();
      this.root.querySelector(".strip").focus({ preventScroll: true });
      this.transport.start();
    }
    this.writing?.settle(header.writing);
  }

  furnish(count, cell) {
    this.sides = furnish(this.root, count, cell, {
      onUnit: (unit) => this.choose(unit),
      onStep: (step) => this.jump(step),
    });
    const form = this.sides[0].article.querySelector("form.write");
    this.writing = new Writing(form, { onWrite: (how) => clearTimeout(this.resting) || this.tell("write", how) });
  }

  offerColours(signals) {
    const offered = signals.map((one) => `${one.title} ${one.symbol}`);
    if (String(offered) === this.offered) return;
    this.offered = String(offered);
    const chosen = this.colour.value || "cell";
    this.colour.replaceChildren(...signals.map((one, index) => make("option", { value: one.name }, offered[index])));
    const memory =
      signals.find((one) => one.name === chosen) ?? signals.find((one) => one.name === "cell") ?? signals.at(-1);
    this.colour.value = memory.name;
  }

  paintStrip() {
    const signal = this.header.signals.find((one) => one.name === this.colour.value);
    const { reading } = this.sides[0];
    const scale = this.scales[signal.name];
    const levelAt = (step) => reading.level(signal.name, step, this.unit, scale);
    this.strip.colour(scale, levelAt, [reading.start, reading.stop]);
    this.root.querySelector(".ramp").style.background = scale.ramp;
    const owner = this.sides.length > 1 ? reading.title : "";
    say(this.root.querySelector(".meaning"), legendOf(signal, this.unit, owner));
  }

  /** A jump by pointer ends playing. */
  jump(step) {
    this.transport.stop();
    this.go(step);
  }

  go(step) {
    const to = Math.min(Math.max(step, 0), this.steps - 1);
    if (!this.sides.length || to === this.step) return;
    if (!this.sides[0].reading.has(to)) {
      this.fetch(to);
      return;
    }
    this.settle();
    this.step = to;
    this.draw();
    this.rest();
  }

  /** Ask for the window around a step, to go there when it comes: once the reader's hand is still. */
  fetch(step) {
    if (this.waiting && step === this.wanted) return;
    this.settle();
    clearTimeout(this.resting);
    this.wanted = step;
    this.waiting = true;
    this.root.classList.add("loading");
    this.asking = setTimeout(() => this.tell("around", step), STILL);
    this.hoping = setTimeout(() => {
      this.waiting = false;
      this.root.classList.remove("loading");
    }, PATIENCE);
  }

  /** Wait for no window any more. */
  settle() {
    for (const timer of [this.asking, this.hoping]) clearTimeout(timer);
    if (this.waiting) this.root.classList.remove("loading");
    this.wanted = undefined;
    this.waiting = false;
  }

  choose(unit) {
    const to = Math.min(Math.max(unit, 0), this.units - 1);
    if (to === this.unit) return;
    this.unit = to;
    this.unitChosen = true;
    this.paintStrip();
    this.draw();
    this.rest();
  }

  draw() {
    const { step, unit } = this;
    if (!this.sides[0].reading.has(step)) {
      this.fetch(step);
      return;
    }
    this.strip.mark(step); // first: it asks where things are, which is free only while nothing has changed yet
    const { tokens } = this.strip;
    const quoted = { token: tokens[step], context: this.strip.upTo(step, CONTEXT) };
    for (const { reading, cell, arithmetic, prediction, miniature } of this.sides) {
      cell.update(reading, step, unit, tokens[step]);
      arithmetic.update(reading, step, unit);
      prediction.update(reading, step, quoted);
      miniature.update(step, unit, reading.units);
    }
    this.transport.update();
    this.writing.update(step === this.steps - 1);
    this.hush();
  }

  /** Tell Python where the reader is, once they have been there for a while; not while it plays. */
  rest(after = REST) {
    clearTimeout(this.resting);
    // Of two triggers at once Streamlit may keep the later one alone: what waits for an answer goes first.
    if (this.transport.playing || this.writing?.asked || this.waiting) return;
    this.resting = setTimeout(() => {
      const place = JSON.stringify([this.step, this.unit]);
      if (place === this.rested || !this.sides.length) return;
      this.rested = place;
      this.tell("rested", {
        step: this.step === this.steps - 1 ? null : this.step,
        unit: this.unitChosen ? this.unit : null,
      });
    }, after);
  }

  /** Say the step to a screen reader, once it has stood for a moment. */
  hush() {
    clearTimeout(this.saying);
    const token = this.strip.named(this.step);
    this.saying = setTimeout(() => {
      const readings = this.sides.map((side) => side.reading);
      say(this.live, spoken(readings, this.header.signals, { step: this.step, unit: this.unit, token }));
    }, HUSH);
  }

  leave() {
    this.transport.leave();
    this.settle();
    this.writing?.arrived();
    for (const timer of [this.resting, this.saying]) clearTimeout(timer);
    cancelAnimationFrame(this.later);
  }
}
