// The selected unit: its equation in numbers, and its signals as lines.

import { factor, fixed, make, part, say } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";
import { sheet } from "./sheet.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Signal } from "../browser/types" */
/** @import { Cell } from "./engine/direction.js" */
/** @import { LiveModel } from "./model.js" */
/** @import { StepAxis } from "./step_axis.js" */

/**
 * @typedef {{ model: LiveModel, layer: string, signals: Signal[], scales: Record<string, Scale>, unit: number,
 *   step: number, axis: StepAxis, others: number[], inks: Record<string, string> }} Shown
 */

const LEAST_TALL = 26; // pixels of a line, on a screen of 720
const ELSE_TALL = 482; // of a screen: all above and below the lines
const MOST_TALL = 80;

export class Card {
  /** @param {HTMLElement} holder */
  constructor(holder) {
    this.where = part(holder, ".where", HTMLElement);
    this.equations = make("div", { class: "equations" });
    this.lines = make("div", { class: "lines" });
    part(holder, "#unit-signals", HTMLElement).append(this.equations, this.lines);
    this.wide = 0; // pixels of a line
    /** @type {Shown | null} */
    this.shown = null;
    new ResizeObserver(() => this.measure()).observe(holder);
    /** @type {Record<string, { canvas: HTMLCanvasElement, value: HTMLElement, element: HTMLElement }>} */
    this.rows = {};
  }

  /** How wide a line is: asked once, as asking lays out the page. */
  measure() {
    const wide = this.lines.querySelector(".chart")?.clientWidth;
    if (!wide || wide === this.wide) return;
    this.wide = wide;
    if (this.shown) this.paint(this.shown);
  }

  /**
   * Which token is at the step.
   * @param {Shown} shown
   */
  place({ model, step }) {
    const token = model.tokens.labels[step];
    say(this.where, model.steps ? fill(_("of {count}: {token}"), { count: model.steps, token }) : "");
  }

  /** @param {Shown} shown */
  paint(shown) {
    this.shown = shown;
    const { signals } = shown;
    const names = signals.map(({ name, title }) => name + title).join();
    if (names !== this.lines.dataset.names) this.build(signals, names);
    if (!this.wide) this.wide = this.lines.querySelector(".chart")?.clientWidth || 200;
    this.write(shown);
    for (const signal of signals) this.line(shown, signal);
  }

  /**
   * @param {Signal[]} signals
   * @param {string} names
   */
  build(signals, names) {
    this.lines.dataset.names = names;
    this.rows = Object.fromEntries(
      signals.map((signal) => {
        const symbol = make("i", { class: "symbol", title: `${signal.title}: ${signal.meaning}` }, signal.symbol);
        symbol.style.setProperty("--hue", signal.colour);
        const [canvas, value] = [make("canvas", { "aria-hidden": "true" }), make("b", {})];
        const element = make("div", { class: "line" }, symbol, make("div", { class: "chart" }, canvas), value);
        element.title = `${signal.title}: ${signal.meaning}`;
        return [signal.name, { canvas, value, element }];
      }),
    );
    this.lines.replaceChildren(...Object.values(this.rows).map(({ element }) => element));
  }

  /**
   * The unit's equations, once in symbols and once in numbers.
   * @param {Shown} shown
   */
  write({ model, layer, unit, step, signals }) {
    if (!model.steps) {
      this.equations.replaceChildren();
      return;
    }
    const direction = model.direction(layer);
    const earlier = direction.reverse ? step + 1 : step - 1;
    const at = (/** @type {string} */ name, /** @type {number} */ place) =>
      place >= 0 && place < model.steps ? direction.column(name, place)[unit] : first(direction, name)[unit];
    const number = (/** @type {string} */ name, place = step, written = fixed) => {
      const mark = make("span", { class: "number" }, written(at(name, place)));
      mark.style.setProperty("--hue", signals.find((one) => one.name === name)?.colour ?? "");
      return mark;
    };
    this.equations.replaceChildren(...lines(direction.cell, { number, earlier, value: (name) => at(name, step) }));
  }

  /**
   * @param {Shown} shown
   * @param {Signal} signal
   */
  line({ model, layer, unit, step, axis, others, scales, inks }, { name, colour }) {
    const { canvas, value } = this.rows[name];
    const { wide } = this;
    const tall = Math.round(Math.min(Math.max((window.innerHeight - ELSE_TALL) / 6 - 12, LEAST_TALL), MOST_TALL));
    const context = sheet(canvas, wide, tall);
    const { units } = model.direction(layer);
    const values = model.signal(layer, name);
    const { low, factor: per } = scales[name];
    const high = low + 255 / per;
    const { start, stop, count } = axis;
    say(value, model.steps ? fixed(values[step * units + unit], 2) : "");
    if (!count) return;
    const x = (/** @type {number} */ at) => ((at - start + 0.5) / count) * wide;
    const y = (/** @type {number} */ of) =>
      2 + (1 - (Math.min(Math.max(of, low), high) - low) / (high - low)) * (tall - 4);
    context.fillStyle = inks.grid;
    context.fillRect(0, y(Math.max(low, 0)), wide, 1);
    /** @type {(drawn: number[], colour: string, width: number) => void} */
    const stroke = (drawn, colour, width) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      for (const one of drawn) {
        context.moveTo(x(start) - 1, y(values[start * units + one]));
        for (let at = start; at < stop; at++) context.lineTo(x(at), y(values[at * units + one]));
      }
      context.stroke();
    };
    const beside = others.filter((other) => other !== unit);
    if (beside.length) stroke(beside, inks.grid, 1);
    stroke([unit], colour, 2);
    if (!axis.has(step)) return;
    context.fillStyle = inks.ink;
    context.fillRect(x(step) - 0.5, 0, 1, tall);
    context.beginPath();
    context.arc(x(step), y(values[step * units + unit]), 3, 0, 2 * Math.PI);
    context.fill();
  }
}

/**
 * @param {Cell} cell
 * @param {{ number: (name: string, place?: number, written?: typeof fixed) => HTMLElement, earlier: number,
 *   value: (name: string) => number }} of
 */
function lines({ type, shown, candidate }, { number, earlier, value }) {
  const symbols = (/** @type {string} */ text) => make("div", { class: "symbols" }, text);
  const numbers = (/** @type {(Node | string)[]} */ ...parts) => make("div", { class: "numbers" }, ...parts);
  switch (type) {
    case "LSTM":
      return [
        symbols("c = f · c₋₁ + i · g"),
        numbers(
          ...[number("forget"), " · ", number("cell", earlier, factor), " + ", number("input")],
          ...[" · ", number("candidate", undefined, factor), " = ", number("cell")],
        ),
        symbols(`h = o · ${squashed(shown.name)}c`),
        numbers(
          number("output"),
          ` · ${squashed(shown.name)}`,
          number("cell", undefined, factor),
          " = ",
          number("hidden"),
        ),
      ];
    case "GRU":
      return [
        symbols("h = (1 − z) · n + z · h₋₁"),
        numbers(
          ...[fixed(1 - value("update")), " · ", number("candidate", undefined, factor), " + ", number("update")],
          ...[" · ", number("hidden", earlier, factor), " = ", number("hidden")],
        ),
      ];
    default:
      return [symbols(`h = ${squashed(candidate.name).trim()}(W x + U h₋₁ + b)`), numbers("h = ", number("hidden"))];
  }
}

/**
 * The states before the first step: zero, unless a recording began with others.
 * @param {import("./engine/direction.js").Direction} direction
 * @param {string} name
 */
function first({ empty, nothing }, name) {
  return name === "cell" ? empty : nothing;
}

/**
 * An activation's name before what it is applied to; a linear one has none.
 * @param {string} name
 */
function squashed(name) {
  return name === "linear" ? "" : `${name.replace("_", " ")} `;
}
