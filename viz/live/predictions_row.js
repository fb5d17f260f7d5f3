// What the model predicted, each prediction in the column of the step that it is about; and how surprised it was there.

import { fixed, make, say } from "../browser/format.js";
import { _ } from "../browser/locale.js";
import { write } from "./letters.js";
import { sheet } from "./sheet.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { LiveModel } from "./model.js" */
/** @import { StepAxis } from "./step_axis.js" */

const FEW = 10; // classes that have a row each
const GUESS = 24; // pixels of the row of best guesses
const CLASS = 13; // of a class that has its own row
const TALLEST = 78; // of all of them
const LINE = 56; // of a forecast
const BARS = 20; // of surprisal
const LEAST_BITS = 4; // the height of a full bar, at least

/** @typedef {{ model: LiveModel, axis: StepAxis, scale: Scale, font: string, inks: Record<string, string> }} Drawn */

export class PredictionsRow {
  constructor() {
    this.called = "";
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.frame = make("div", { class: "frame predictions" }, this.canvas);
    this.name = make("span", { class: "name plain" });
    this.element = make("div", { class: "signal head" }, this.name, this.frame);
  }

  /**
   * Returns the pixels that it takes.
   * @param {Drawn} drawn
   */
  paint(drawn) {
    const { model } = drawn;
    const { kind } = model.facts.config.readout;
    this.element.hidden = kind === "nothing";
    if (kind === "nothing") return 0;
    if (kind === "next" || (kind === "legal" && model.facts.labels.length > FEW)) {
      this.call(title(model));
      return this.guesses(drawn);
    }
    return kind === "values" ? this.forecast(drawn) : this.classes(drawn);
  }

  /**
   * Name the row, or its parts, left of it.
   * @param {...string} names
   */
  call(...names) {
    if (this.called === names.join("\n")) return false;
    this.called = names.join("\n");
    this.name.replaceChildren(...names.map((name) => make("span", {}, name)));
    return true;
  }

  /**
   * The likeliest token before each token came; framed where it did come.
   * @param {Drawn} drawn
   */
  guesses({ model, axis, scale, font, inks }) {
    const { column, start, type } = axis;
    const tall = GUESS * type;
    const context = sheet(this.canvas, axis.width, tall);
    context.font = `${Math.round(Math.min(13 * type, Math.max(column * 1.3, 8)))}px ${font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const last = axis.open ? axis.stop : axis.stop - 1;
    for (let step = Math.max(start, 1); step <= last; step++) {
      const { at, chance } = model.guess(step - 1);
      const left = axis.left(step);
      const level = scale.level(chance);
      context.fillStyle = scale.css[level];
      context.fillRect(left, 1, Math.max(column - 0.7, 0.5), tall - 2);
      if (model.came(step - 1) === at) {
        context.fillStyle = inks.ink;
        context.fillRect(left, tall - 3, Math.max(column - 0.7, 0.5), 2);
      }
      if (!axis.legible) continue;
      context.fillStyle = scale.ink[level] === "inherit" ? inks.ink : scale.ink[level];
      write(context, model.facts.labels[at], left + column / 2, tall / 2, column);
    }
    return tall;
  }

  /**
   * A row for each class. A prediction of a token stands in that token's column; a label, in the column of the last token read.
   * @param {Drawn} drawn
   */
  classes({ model, axis, scale }) {
    const names = model.predictedNames;
    const tall = Math.min(CLASS, TALLEST / names.length);
    const later = model.predictsTokens ? 1 : 0;
    const context = sheet(this.canvas, axis.width, tall * names.length);
    const { column, start } = axis;
    const last = axis.open ? axis.stop : axis.stop - 1;
    for (let step = Math.max(start, later); step < last + later; step++) {
      const chances = model.predicted(step - later);
      const left = axis.left(step);
      for (let row = 0; row < names.length; row++) {
        context.fillStyle = scale.css[scale.level(chances[row])];
        context.fillRect(left, row * tall, Math.max(column - 0.7, 0.5), tall - 1);
        if (model.came(step - later) !== row) continue;
        context.beginPath();
        context.arc(left + column / 2, row * tall + tall / 2 - 0.5, Math.min(2.6, column / 3), 0, 2 * Math.PI);
        context.fillStyle = scale.ink[scale.level(chances[row])];
        context.fill();
      }
    }
    if (this.call(...names)) {
      for (const label of /** @type {NodeListOf<HTMLElement>} */ (this.name.querySelectorAll("span"))) {
        label.className = "class";
        label.style.cssText = `height:${tall}px;line-height:${tall}px;font-size:${Math.min(11, tall)}px`;
      }
    }
    return Math.ceil(tall * names.length);
  }

  /**
   * The numbers that the model outputs, as a line, and circles for those that came.
   * @param {Drawn} drawn
   */
  forecast({ model, axis, inks }) {
    const context = sheet(this.canvas, axis.width, LINE);
    const later = model.ahead ? 1 : 0;
    const [from, to] = [Math.max(axis.start, later), axis.open ? axis.stop + later : axis.stop];
    const steps = Array.from({ length: Math.max(to - from, 0) }, (_, at) => from + at);
    const line = steps.map((step) => model.predicted(step - later)[0]);
    const came = steps.map((step) => (later ? model.valuesCame(step - later)[0] : Number.NaN));
    const known = [...line, ...came].filter(Number.isFinite);
    if (!known.length) return LINE;
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const y = (/** @type {number} */ value) => LINE - 6 - ((value - low) / (high - low || 1)) * (LINE - 12);
    const x = (/** @type {number} */ step) => axis.left(step) + axis.column / 2;
    context.fillStyle = inks.faint;
    for (const [at, step] of steps.entries()) {
      if (!Number.isFinite(came[at])) continue;
      context.beginPath();
      context.arc(x(step), y(came[at]), Math.min(2.5, Math.max(axis.column / 3, 1)), 0, 2 * Math.PI);
      context.fill();
    }
    context.strokeStyle = inks.ink;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const [at, step] of steps.entries()) context.lineTo(x(step), y(line[at]));
    context.stroke();
    this.call(title(model), `${fixed(low, 1)} … ${fixed(high, 1)}`);
    return LINE;
  }
}

export class SurpriseRow {
  constructor() {
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.name = make("span", { class: "name plain" });
    this.frame = make("div", { class: "frame surprise" }, this.canvas);
    this.element = make("div", { class: "signal head" }, this.name, this.frame);
  }

  /**
   * Returns the pixels that it takes.
   * @param {Drawn} drawn
   */
  paint({ model, axis, inks }) {
    this.element.hidden = !model.predictsTokens;
    if (!model.predictsTokens) return 0;
    say(this.name, _("surprisal"));
    const context = sheet(this.canvas, axis.width, BARS);
    const { start, stop, column } = axis;
    let most = LEAST_BITS;
    for (let step = start; step < stop; step++) most = Math.max(most, model.surprise(step) || 0);
    context.fillStyle = inks.faint;
    for (let step = start; step < stop; step++) {
      const height = ((model.surprise(step) || 0) / most) * (BARS - 1);
      context.fillRect(axis.left(step), BARS - height, Math.max(column - (column > 2 ? 0.7 : 0), 0.5), height);
    }
    return BARS;
  }
}

/** @param {LiveModel} model */
function title({ facts: { config }, ahead }) {
  switch (config.readout.kind) {
    case "next":
      return _("best guess");
    case "legal":
      return _("may come next");
    case "labels":
      return _("prediction");
    default:
      return ahead ? _("forecast") : _("output");
  }
}
