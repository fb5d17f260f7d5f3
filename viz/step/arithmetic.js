// The selected unit's equations with its numbers in place.

import { factor, fixed, make, part, say } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";
import { equationsOf, Places } from "./equations.js";
import { NAMES, SYMBOLS } from "./kinds.js";

/** @import { Reading } from "./reading.js" */
/** @import { Cell, TermPlace, Told } from "./types" */
/** @typedef {Record<"row" | "source" | "hidden" | "weight" | "push" | "bar", HTMLElement>} PushRow */

const FULL = 6; // a term of this size fills its bar: sigmoid(6) is 0.998
const PUSHERS = 10;
const LEAST_PUSH = 0.01; // fills a bar at least: it moves a sigmoid by at most a four-hundredth

export class Arithmetic {
  /**
   * @param {HTMLElement} holder
   * @param {{ onUnit: Told["onUnit"]; cell: Cell }} options
   */
  constructor(holder, { onUnit, cell }) {
    this.onUnit = onUnit;
    this.cell = cell;
    this.gates = Object.keys(SYMBOLS[cell.type]);
    this.gate = this.gates[0];
    /** @type {{ reading: Reading; step: number; unit: number } | null} */
    this.shown = null;
    this.heading = part(holder, "h3", HTMLElement);
    this.places = new Places();
    this.numbers = this.places.numbers;
    part(holder, ".equations", HTMLElement).replaceChildren(...equationsOf(cell, this.places));
    this.earlier = [...holder.querySelectorAll(".earlier")];
    this.pushers = part(holder, ".pushers", HTMLDetailsElement);
    this.body = part(this.pushers, "tbody", HTMLElement);
    /** @type {PushRow[]} */
    this.rows = [];
    this.about = part(this.pushers, ".about", HTMLElement);
    this.choices = part(this.pushers, ".choice", HTMLElement);
    this.choices.replaceChildren(...this.gates.map((gate) => this.gateChoice(gate)));
    this.choices.hidden = this.gates.length === 1;
    if (cell.projection) say(part(this.pushers, "th", HTMLElement), _("number"));
    this.pushers.ontoggle = () => this.push();
  }

  /** @param {string} gate */
  gateChoice(gate) {
    const button = make("button", { type: "button", class: gate }, _(NAMES[gate]));
    button.onclick = () => {
      this.gate = gate;
      this.push();
    };
    return button;
  }

  /**
   * @param {Reading} reading
   * @param {number} step
   * @param {number} unit
   * @param {Reading | null} was the same where nothing is held
   */
  update(reading, step, unit, was) {
    this.shown = { reading, step, unit };
    say(this.heading, fill(_("Unit {unit} at step {step}"), { unit, step: (step + 1).toLocaleString("en") }));
    for (const index of this.earlier) say(index.querySelector("sub") ?? index, reading.reverse ? "t+1" : "t−1");
    for (const gate of this.gates) {
      const terms = reading.terms(gate, unit, step);
      for (const place of this.places.terms[gate]) write(place, terms[place.term] ?? Number.NaN);
      say(this.numbers[`${gate}.sum`], fixed(terms.sum));
      say(this.numbers[gate], fixed(reading.value(gate, step, unit)));
    }
    const now = (/** @type {string} */ signal) => reading.value(signal, step, unit);
    const before = (/** @type {string} */ signal) => reading.columnBefore(signal, step)[unit];
    for (const [signal, place] of Object.entries(this.places.was)) {
      const [one, other] = [now(signal), was?.value(signal, step, unit) ?? Number.NaN].map((value) => fixed(value));
      say(place, was && one !== other ? other : "");
    }
    const states = { LSTM: cellState, GRU: mixedState, RNN: () => ({}) }[this.cell.type](now, before);
    for (const [name, text] of Object.entries(states)) if (this.numbers[name]) say(this.numbers[name], text);
    this.push();
  }

  /** The ten units that influenced one gate most, while they are unfolded. */
  push() {
    if (!this.pushers.open || !this.shown) return;
    const { reading, step, unit } = this.shown;
    for (const button of this.choices.children)
      button.setAttribute("aria-pressed", String(button.className === this.gate));
    say(this.about, this.resetNote(reading, step, unit));
    const pushes = reading.pushes(this.gate, unit, step, PUSHERS);
    while (this.rows.length < pushes.length) this.rows.push(this.pusherRow());
    while (this.rows.length > pushes.length) this.rows.pop()?.row.remove();
    const most = Math.max(...pushes.map((one) => Math.abs(one.push)).filter(Number.isFinite), LEAST_PUSH);
    pushes.forEach((one, index) => {
      const { source, hidden, weight, push, bar } = this.rows[index];
      say(source, String(one.unit));
      say(hidden, fixed(one.hidden));
      say(weight, fixed(one.weight));
      say(push, fixed(one.push));
      barred(bar, one.push / most);
    });
  }

  /**
   * How the reset gate changes these terms, where it does.
   * @param {Reading} reading
   * @param {number} step
   * @param {number} unit
   */
  resetNote(reading, step, unit) {
    if (!reading.resets(this.gate)) return "";
    if (!this.cell.reset_after) return _("Each h is already multiplied by its unit's reset gate.");
    const reset = fixed(reading.value("reset", step, unit));
    return fill(_("The reset gate multiplies each of these terms by {reset}."), { reset });
  }

  /** Another row, at the end. */
  pusherRow() {
    const button = make("button", { type: "button", title: _("Follow this unit") });
    button.onclick = () => this.onUnit(Number(button.textContent));
    button.disabled = this.cell.projection > 0; // a number of a projected output is not a unit
    const [hidden, weight, push, bar] = [make("td"), make("td"), make("td", { class: "push" }), make("i")];
    const track = make("td", {}, make("span", { class: "bar recurrent" }, bar));
    const row = make("tr", {}, make("td", {}, button), hidden, weight, push, track);
    this.body.append(row);
    return { row, source: button, hidden, weight, push, bar };
  }
}

/**
 * The numbers of an LSTM's cell and hidden state.
 * @param {(signal: string) => number} now
 * @param {(signal: string) => number} before
 * @returns {Record<string, string>}
 */
function cellState(now, before) {
  const [cell, output] = [fixed(now("cell")), fixed(now("output"))];
  return {
    "cell.forget": fixed(now("forget")),
    "cell.before": factor(before("cell")),
    "cell.input": fixed(now("input")),
    "cell.candidate": factor(now("candidate")),
    cell,
    "hidden.output": output,
    "hidden.cell": cell,
    hidden: fixed(now("hidden")),
  };
}

/**
 * The numbers of a GRU's hidden state, and of its reset gate within the candidate.
 * @param {(signal: string) => number} now
 * @param {(signal: string) => number} before
 * @returns {Record<string, string>}
 */
function mixedState(now, before) {
  return {
    "candidate.reset": fixed(now("reset")),
    "hidden.rest": fixed(1 - now("update")),
    "hidden.candidate": factor(now("candidate")),
    "hidden.update": fixed(now("update")),
    "hidden.before": factor(before("hidden")),
    hidden: fixed(now("hidden")),
  };
}

/**
 * @param {TermPlace} place
 * @param {number} value
 */
function write({ number, sign, bar }, value) {
  const written = fixed(value);
  const below = written.startsWith("−");
  if (sign) say(sign, below ? " − " : " + ");
  say(number, sign && below ? written.slice(1) : written);
  barred(bar, value / FULL);
}

/**
 * A bar from the middle of its track to the right or to the left.
 * @param {HTMLElement} bar
 * @param {number} share
 */
function barred(bar, share) {
  const known = Number.isFinite(share) ? share : 0; // no number, no bar
  const width = Math.min(Math.abs(known), 1) * 50;
  bar.style.width = `${width.toFixed(1)}%`;
  bar.style.left = `${(known < 0 ? 50 - width : 50).toFixed(1)}%`;
  bar.classList.toggle("below", known < 0);
  bar.classList.toggle("beyond", Math.abs(known) > 1);
}
