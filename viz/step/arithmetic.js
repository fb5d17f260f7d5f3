// The selected unit's equations with its numbers in place.

import { factor, fixed, make, say } from "../browser/format.js";
import { equationsOf, Places } from "./equations.js";
import { SYMBOLS } from "./kinds.js";

const FULL = 6; // a term of this size fills its bar: sigmoid(6) is 0.998
const PUSHERS = 10;
const LEAST_PUSH = 0.01; // fills a bar at least: it moves a sigmoid by at most a four-hundredth

export class Arithmetic {
  constructor(holder, { onUnit, cell }) {
    this.onUnit = onUnit;
    this.cell = cell;
    this.gates = Object.keys(SYMBOLS[cell.type]);
    this.gate = this.gates[0];
    this.heading = holder.querySelector("h3");
    this.places = new Places();
    this.numbers = this.places.numbers;
    holder.querySelector(".equations").replaceChildren(...equationsOf(cell, this.places));
    this.earlier = [...holder.querySelectorAll(".earlier")];
    this.pushers = holder.querySelector(".pushers");
    this.rows = this.pushers.querySelector("tbody");
    this.about = this.pushers.querySelector(".about");
    this.choices = this.pushers.querySelector(".choice");
    this.choices.replaceChildren(...this.gates.map((gate) => this.gateChoice(gate)));
    this.choices.hidden = this.gates.length === 1;
    if (cell.projection) say(this.pushers.querySelector("th"), "number");
    this.pushers.ontoggle = () => this.push();
  }

  gateChoice(gate) {
    const button = make("button", { type: "button", class: gate }, gate);
    button.onclick = () => {
      this.gate = gate;
      this.push();
    };
    return button;
  }

  update(reading, step, unit) {
    this.shown = { reading, step, unit };
    say(this.heading, `Unit ${unit} at step ${step}`);
    for (const index of this.earlier) say(index.querySelector("sub") ?? index, reading.reverse ? "t+1" : "t−1");
    for (const gate of this.gates) {
      const terms = reading.terms(gate, unit, step);
      for (const [term, place] of Object.entries(this.places.terms[gate])) write(place, terms[term]);
      say(this.numbers[`${gate}.sum`], fixed(terms.sum));
      say(this.numbers[gate], fixed(reading.value(gate, step, unit)));
    }
    const now = (signal) => reading.value(signal, step, unit);
    const before = (signal) => reading.columnBefore(signal, step)[unit];
    const states = { LSTM: cellState, GRU: mixedState }[this.cell.type]?.(now, before) ?? {};
    for (const [name, text] of Object.entries(states)) if (this.numbers[name]) say(this.numbers[name], text);
    this.push();
  }

  /** The ten strongest pushes on one gate, while they are unfolded. */
  push() {
    if (!this.pushers.open || !this.shown) return;
    const { reading, step, unit } = this.shown;
    for (const button of this.choices.children)
      button.setAttribute("aria-pressed", String(button.className === this.gate));
    say(this.about, this.held(reading, step, unit));
    const pushes = reading.pushes(this.gate, unit, step, PUSHERS);
    while (this.rows.children.length < pushes.length) this.rows.append(this.pusherRow());
    while (this.rows.children.length > pushes.length) this.rows.lastChild.remove();
    const most = Math.max(...pushes.map((one) => Math.abs(one.push)).filter(Number.isFinite), LEAST_PUSH);
    pushes.forEach((one, index) => {
      const [source, hidden, weight, push, bar] = this.rows.children[index].children;
      say(source.firstChild, String(one.unit));
      say(hidden, fixed(one.hidden));
      say(weight, fixed(one.weight));
      say(push, fixed(one.push));
      barred(bar.querySelector("i"), one.push / most);
    });
  }

  /** What the reset gate does to these pushes, where it does something. */
  held(reading, step, unit) {
    if (!reading.resets(this.gate)) return "";
    if (!this.cell.reset_after) return "Each h is what the reset gate of its own unit has left of it.";
    return `The reset gate lets ${fixed(reading.value("reset", step, unit))} of each of these pushes through.`;
  }

  pusherRow() {
    const button = make("button", { type: "button", title: "Follow this unit" });
    button.onclick = () => this.onUnit(Number(button.textContent));
    button.disabled = this.cell.projection > 0; // a number that was said is no unit's
    const bar = make("td", {}, make("span", { class: "bar recurrent" }, make("i")));
    return make("tr", {}, make("td", {}, button), make("td"), make("td"), make("td", { class: "push" }), bar);
  }
}

/** The numbers of an LSTM's cell and hidden state. */
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

/** The numbers of a GRU's hidden state, and of its reset gate within the candidate. */
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

function write({ number, sign, bar }, value) {
  const written = fixed(value);
  const below = written.startsWith("−");
  if (sign) say(sign, below ? " − " : " + ");
  say(number, sign && below ? written.slice(1) : written);
  barred(bar, value / FULL);
}

/** A bar from the middle of its track to the right or to the left. */
function barred(bar, share) {
  const known = Number.isFinite(share) ? share : 0; // no number, no bar
  const width = Math.min(Math.abs(known), 1) * 50;
  bar.style.width = `${width.toFixed(1)}%`;
  bar.style.left = `${(known < 0 ? 50 - width : 50).toFixed(1)}%`;
  bar.classList.toggle("below", known < 0);
  bar.classList.toggle("beyond", Math.abs(known) > 1);
}
