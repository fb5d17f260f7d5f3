// The selected unit's equations with its numbers in place.

import { factor, fixed, make, say } from "./format.js";

const GATES = ["forget", "input", "candidate", "output"];
const TERMS = ["input", "recurrent", "bias"];
const FULL = 6; // a term of this size fills its bar: sigmoid(6) is 0.998
const PUSHERS = 10;

export class Arithmetic {
  constructor(holder, { onUnit }) {
    this.onUnit = onUnit;
    this.heading = holder.querySelector("h3");
    this.numbers = {};
    this.gate = "forget";
    const equations = holder.querySelector(".equations");
    equations.replaceChildren(...GATES.map((gate) => this.gateEquation(gate)), this.cellEquation(), this.hiddenEquation());
    this.earlier = [...holder.querySelectorAll(".earlier")];
    this.pushers = holder.querySelector(".pushers");
    this.rows = this.pushers.querySelector("tbody");
    this.choices = this.pushers.querySelector(".choice");
    this.choices.replaceChildren(...GATES.map((gate) => this.gateChoice(gate)));
    this.pushers.ontoggle = () => this.push();
  }

  number(name, kind = "") {
    this.numbers[name] = make("b", { class: `number ${kind}`, "data-number": name });
    return this.numbers[name];
  }

  gateEquation(gate) {
    const symbol = { forget: "f", input: "i", candidate: "g", output: "o" }[gate];
    const squash = gate === "candidate" ? "tanh" : "σ";
    const terms = TERMS.flatMap((term, index) => {
      const bar = make("span", { class: `bar ${term}` }, make("i"));
      const sign = make("span", { class: "sign" });
      const number = this.number(`${gate}.${term}`);
      this.numbers[`${gate}.${term}`] = { number, sign: index ? sign : null, bar: bar.firstChild };
      return [...(index ? [sign] : []), make("span", { class: "term" }, number, bar)];
    });
    return make(
      "div",
      { class: `equation ${gate}` },
      make("span", { class: "subject" }, variable(symbol, "t"), " = "),
      make("span", { class: "symbols" }, `${squash}(`, variable("W", symbol), variable("x", "t"), " + ", variable("U", symbol),
        variable("h", "t−1", "earlier"), " + ", variable("b", symbol), ")"),
      make("span", { class: "numbers" }, `= ${squash}(`, ...terms, `) = ${squash}(`, this.number(`${gate}.sum`), ") = ",
        this.number(gate, "result")),
    );
  }

  cellEquation() {
    return make(
      "div",
      { class: "equation cell" },
      make("span", { class: "subject" }, variable("c", "t"), " = "),
      make("span", { class: "symbols" }, variable("f", "t"), " × ", variable("c", "t−1", "earlier"), " + ", variable("i", "t"), " × ", variable("g", "t")),
      make("span", { class: "numbers" }, "= ", this.number("cell.forget", "forget"), " × ", this.number("cell.before", "cell"), " + ",
        this.number("cell.input", "input"), " × ", this.number("cell.candidate", "candidate"), " = ", this.number("cell", "result")),
    );
  }

  hiddenEquation() {
    return make(
      "div",
      { class: "equation hidden-state" },
      make("span", { class: "subject" }, variable("h", "t"), " = "),
      make("span", { class: "symbols" }, variable("o", "t"), " × tanh(", variable("c", "t"), ")"),
      make("span", { class: "numbers" }, "= ", this.number("hidden.output", "output"), " × tanh(", this.number("hidden.cell", "cell"), ") = ",
        this.number("hidden", "result")),
    );
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
    for (const gate of GATES) {
      const terms = reading.terms(gate, unit, step);
      for (const term of TERMS) this.term(`${gate}.${term}`, terms[term]);
      say(this.numbers[`${gate}.sum`], fixed(terms.sum));
      const value = fixed(reading.value(gate, step, unit));
      say(this.numbers[gate], value);
    }
    const now = (signal) => reading.value(signal, step, unit);
    say(this.numbers["cell.forget"], fixed(now("forget")));
    say(this.numbers["cell.before"], factor(reading.columnBefore("cell", step)[unit]));
    say(this.numbers["cell.input"], fixed(now("input")));
    say(this.numbers["cell.candidate"], factor(now("candidate")));
    say(this.numbers["hidden.output"], fixed(now("output")));
    for (const name of ["cell", "hidden.cell"]) say(this.numbers[name], fixed(now("cell")));
    say(this.numbers.hidden, fixed(now("hidden")));
    this.push();
  }

  term(name, value) {
    const { number, sign, bar } = this.numbers[name];
    const written = fixed(value);
    const below = written.startsWith("−");
    if (sign) say(sign, below ? " − " : " + ");
    say(number, sign && below ? written.slice(1) : written);
    barred(bar, value / FULL);
  }

  /** The ten strongest pushes on one gate, while they are unfolded. */
  push() {
    if (!this.pushers.open || !this.shown) return;
    const { reading, step, unit } = this.shown;
    for (const button of this.choices.children) button.setAttribute("aria-pressed", String(button.className === this.gate));
    const pushes = reading.pushes(this.gate, unit, step, PUSHERS);
    while (this.rows.children.length < pushes.length) this.rows.append(this.pusherRow());
    while (this.rows.children.length > pushes.length) this.rows.lastChild.remove();
    const most = Math.max(...pushes.map((one) => Math.abs(one.push)), 1e-9);
    pushes.forEach((one, index) => {
      const [source, hidden, weight, push, bar] = this.rows.children[index].children;
      say(source.firstChild, String(one.unit));
      say(hidden, fixed(one.hidden));
      say(weight, fixed(one.weight));
      say(push, fixed(one.push));
      barred(bar.querySelector("i"), one.push / most);
    });
  }

  pusherRow() {
    const button = make("button", { type: "button", title: "Follow this unit" });
    button.onclick = () => this.onUnit(Number(button.textContent));
    const bar = make("td", {}, make("span", { class: "bar recurrent" }, make("i")));
    return make("tr", {}, make("td", {}, button), make("td"), make("td"), make("td", { class: "push" }), bar);
  }
}

/** A bar from the middle of its track to the right or to the left. */
function barred(bar, share) {
  const width = Math.min(Math.abs(share), 1) * 50;
  bar.style.width = `${width.toFixed(1)}%`;
  bar.style.left = `${(share < 0 ? 50 - width : 50).toFixed(1)}%`;
  bar.classList.toggle("below", share < 0);
  bar.classList.toggle("beyond", Math.abs(share) > 1);
}

function variable(symbol, index, kind = "") {
  return make("i", { class: `variable ${kind}` }, symbol, make("sub", {}, index));
}
