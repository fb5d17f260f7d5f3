// What is on the stage: the text's letters, their colours, and for each model its drawing, numbers and predictions.

import { dress } from "../browser/colours.js";
import { part, say } from "../browser/format.js";
import { speak, wordsOf } from "../browser/locale.js";
import { UnitLine, unitAddress } from "../live/unit_line.js";
import { ColourBy } from "./colour_by.js";
import { Reading } from "./reading.js";
import { gapsIn, noteOn, spoken } from "./sentences.js";
import { furnish } from "./sides.js";
import { Strip } from "./strip.js";
import { Writing } from "./writing.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Part } from "../browser/types" */
/** @import { About, Draw, Header, PassageFacts, ReadingSide, RecordingFacts, Side, Told, WeightsFacts } from "./types" */

/**
 * What it is told: where the reader points, whether signals can be held, how to dress what has words of its own.
 * @typedef {Told & { canHold: () => boolean; onWrite: (how: Draw) => void; onColour: () => void; onWords: () => void;
 *   onFollow: () => void }} Tells
 */

const HUSH = 300; // ms without a step until a screen reader hears it
const CONTEXT = 14; // characters quoted before a prediction

export class Scene {
  /**
   * @param {HTMLElement} root
   * @param {Tells} tells
   */
  constructor(root, tells) {
    this.root = root;
    this.tells = tells;
    this.showWords = wordsOf(root); // of the HTML, while it has nothing else
    /** @type {Header | null} */
    this.header = null;
    /** @type {Record<"furniture" | "dress" | "words", string>} */
    this.shown = { furniture: "", dress: "", words: "" }; // what is, in JSON
    /** @type {Side[]} */
    this.furnished = [];
    /** @type {ReadingSide[]} */
    this.sides = [];
    /** @type {Record<string, Scale>} */
    this.scales = {};
    this.asked = false; // why the models predict what they predict
    /** @type {Writing | null} */
    this.writing = null;
    /** @type {UnitLine | null} */
    this.line = null;
    /** @type {About | null} */
    this.about = null;
    /** @type {Record<"announcing" | "later", number | undefined>} */
    this.timers = { announcing: undefined, later: undefined };
    this.strip = new Strip(part(root, ".strip", HTMLElement), { onStep: tells.onStep });
    this.colours = new ColourBy(root, this.strip, tells.onColour);
    this.spoken = part(root, ".live", HTMLElement);
    this.note = part(root, ".note", HTMLElement);
    this.left = new AbortController();
    const onPaper = () => {
      for (const { miniature } of this.sides) miniature.catchUp();
    };
    window.addEventListener("beforeprint", onPaper, { signal: this.left.signal });
  }

  /**
   * @param {Header} header
   * @param {Record<string, Part>} found
   * @param {boolean} dark
   */
  build(header, found, dark) {
    const before = this.header;
    this.header = header;
    const again = this.dress(header, dark);
    this.sides = this.furnished.map((side, index) => {
      const { title, ...ids } = header.sides[index];
      say(side.title, title);
      const weights = /** @type {Part<WeightsFacts>} */ (found[ids.weights]);
      const [reading, was] = [ids.recording, ids.was].map((id) => {
        const recording = /** @type {Part<RecordingFacts>} */ (id ? found[id] : undefined);
        return recording ? new Reading({ title, weights, recording, ...header.layer }) : null;
      });
      if (again) {
        side.cell.paint(this.scales, header.signals, header.layer);
        side.miniature.build(header.signals);
      }
      side.miniature.take(/** @type {Reading} */ (reading));
      return { ...side, reading: /** @type {Reading} */ (reading), was };
    });
    const passage = /** @type {Part<PassageFacts>} */ (found[header.passage]);
    if (before?.passage !== header.passage) this.strip.write(passage.facts);
    const gaps = this.tells.canHold() ? gapsIn(this.sides[0].reading) : ""; // of others the page says it
    say(this.note, [noteOn(header), gaps].filter(Boolean).join(" "));
    this.note.hidden = !this.note.textContent;
    this.colours.offer(header.signals);
    // The big pictures come a frame later, so that the cell is there first.
    cancelAnimationFrame(this.timers.later ?? 0);
    this.timers.later = requestAnimationFrame(() => {
      for (const { miniature } of this.sides) miniature.paint(this.scales);
      this.root.classList.add("whole");
    });
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
      this.tells.onWords();
      this.shown.furniture = "";
    }
    const furniture = JSON.stringify([header.sides.length, header.layer.cell, this.tells.canHold()]);
    const dressed = JSON.stringify([header.signals, header.layer, dark]);
    const again = this.shown.furniture !== furniture || this.shown.dress !== dressed;
    if (again) this.scales = dress(this.root, header, dark);
    if (this.shown.furniture !== furniture) this.furnish(header);
    this.shown.furniture = furniture;
    this.shown.dress = dressed;
    return again;
  }

  /** @param {Header} header */
  furnish({ sides, layer }) {
    const { onUnit, onStep, onWhy, onHold, canHold, onWrite, onFollow } = this.tells;
    const told = { onUnit, onStep, onWhy, onHold: canHold() ? onHold : undefined };
    this.furnished = furnish(this.root, sides.length, layer.cell, told);
    this.writing = new Writing(part(this.furnished[0].article, "form.write", HTMLFormElement), { onWrite });
    this.line = new UnitLine(part(this.furnished[0].article, ".unit-line", HTMLElement), onFollow);
    this.ask(this.asked);
  }

  /**
   * What is known of the units; it may come later than all else.
   * @param {About | null} about
   * @param {number} unit that is shown
   */
  know(about, unit) {
    this.about = about;
    this.tellUnit(unit);
  }

  /** @param {number} unit */
  tellUnit(unit) {
    const { model = "", layer = "", lines = {}, linked = false } = this.about ?? {};
    this.line?.show({ unit, line: lines[unit], address: linked ? unitAddress({ model, layer, unit }) : "" });
  }

  /**
   * Say of every model why it predicts what it predicts, or no longer.
   * @param {boolean} asked
   */
  ask(asked) {
    this.asked = asked;
    for (const { prediction } of this.furnished) prediction.ask(asked);
  }

  /** Nothing can be shown of this text. */
  clear() {
    this.header = null;
    this.sides = [];
    this.strip.write({ tokens: [], pieces: {}, own: 0, spoken: {}, apart: false, shapes: {} });
  }

  /** @param {number} unit */
  paintStrip(unit) {
    if (this.header) this.colours.paint(this.sides, this.header.signals, this.scales, unit);
  }

  /**
   * @param {number} step
   * @param {number} unit
   */
  draw(step, unit) {
    this.strip.mark(step); // first: it asks where things are, which is free only while nothing has changed yet
    const { tokens } = this.strip;
    const noun = this.header?.nouns[0] ?? "";
    const quoted = { token: tokens[step], context: this.strip.upTo(step, CONTEXT), noun };
    for (const { reading, was, cell, arithmetic, prediction, miniature } of this.sides) {
      cell.update(reading, step, unit, tokens[step], was);
      arithmetic.update(reading, step, unit, was);
      prediction.update(reading, step, { ...quoted, unit, held: was !== null });
      miniature.update(step, unit, reading.units);
    }
    this.tellUnit(unit);
    this.hush(step, unit);
  }

  /**
   * Say the step to a screen reader, once it has stood for a moment.
   * @param {number} step
   * @param {number} unit
   */
  hush(step, unit) {
    clearTimeout(this.timers.announcing);
    this.timers.announcing = setTimeout(() => {
      const readings = this.sides.map((side) => side.reading);
      const place = { step, unit, token: this.strip.named(step) };
      if (readings.length) say(this.spoken, spoken(readings, this.header?.signals ?? [], place));
    }, HUSH);
  }

  leave() {
    this.left.abort();
    clearTimeout(this.timers.announcing);
    cancelAnimationFrame(this.timers.later ?? 0);
  }
}
