// The equations of each type of cell: in symbols, and with places for numbers, which `places` keeps by name.

import { make } from "../browser/format.js";
import { activationOf, SYMBOLS, written } from "./kinds.js";

/** @import { Cell, Term, TermPlace } from "./types" */
/** @typedef {(Node | string)[]} Pieces */

/** The numbers of a set of equations: `numbers` by name; `terms` with their signs and bars, by gate and then by term. */
export class Places {
  constructor() {
    /** @type {Record<string, HTMLElement>} */
    this.numbers = {};
    /** @type {Record<string, TermPlace[]>} */
    this.terms = {};
    /** @type {Record<string, HTMLElement>} */
    this.was = {};
  }

  /**
   * What an equation gives, and beside it what that is where nothing is held.
   * @param {string} name
   * @returns {Pieces}
   */
  result(name) {
    this.was[name] = make("s", { class: "was" });
    return [this.number(name, "result"), " ", this.was[name]];
  }

  /**
   * @param {string} name
   * @param {string} [kind]
   */
  number(name, kind = "") {
    this.numbers[name] = make("b", { class: `number ${kind}`, "data-number": name });
    return this.numbers[name];
  }

  /**
   * A term of a sum: a sign before all but the first of them, and a bar below.
   * @param {string} gate
   * @param {Term} term
   * @param {"first" | "later"} position
   * @param {string} [kind]
   */
  term(gate, term, position, kind = term) {
    const filled = make("i");
    const bar = make("span", { class: `bar ${kind}` }, filled);
    const number = this.number(`${gate}.${term}`);
    const sign = position === "first" ? null : make("span", { class: "sign" });
    this.terms[gate] ??= [];
    this.terms[gate].push({ term, number, sign, bar: filled });
    return [...(sign ? [sign] : []), make("span", { class: "term" }, number, bar)];
  }
}

/**
 * Every equation of a cell, from the gates to the hidden state.
 * @param {Cell} cell
 * @param {Places} places
 */
export function equationsOf(cell, places) {
  const gates = Object.entries(SYMBOLS[cell.type]).map(([gate, symbol]) => sum(cell, gate, symbol, places));
  if (cell.type === "GRU") return [...gates, mixture(places)];
  return cell.type === "RNN" ? gates : [...gates, memory(places), shown(cell, places)];
}

/**
 * A gate, or what else is the squashed sum of terms.
 * @param {Cell} cell
 * @param {string} gate
 * @param {string} symbol
 * @param {Places} places
 */
function sum(cell, gate, symbol, places) {
  const squash = written(activationOf(cell, gate));
  const resets = cell.type === "GRU" && gate === "candidate";
  const [symbols, terms] =
    resets && cell.reset_after ? resetSum(symbol, places) : plainSum(cell, gate, symbol, places, resets);
  return equation(
    gate === "hidden" ? "hidden-state" : gate,
    symbol,
    [`${squash}(`, ...symbols, ")"],
    [`= ${squash}(`, ...terms, `) = ${squash}(`, places.number(`${gate}.sum`), ") = ", ...places.result(gate)],
  );
}

/**
 * @param {Cell} cell
 * @param {string} gate
 * @param {string} symbol
 * @param {Places} places
 * @param {boolean} resets
 * @returns {[symbols: Pieces, terms: Pieces]}
 */
function plainSum(cell, gate, symbol, places, resets) {
  const index = cell.type === "RNN" ? "" : symbol;
  const before = variable("h", "t−1", "earlier");
  const past = resets
    ? [variable("U", index), "(", variable("r", "t"), " × ", before, ")"]
    : [variable("U", index), before];
  /** @type {Pieces} */
  const symbols = [variable("W", index), variable("x", "t"), " + ", ...past, " + ", variable("b", index)];
  /** @type {Term[]} */
  const names = ["input", "recurrent", "bias"];
  if (cell.peephole && gate !== "candidate") {
    names.push("peephole");
    const seen = gate === "output" ? variable("c", "t") : variable("c", "t−1", "earlier");
    symbols.push(" + ", variable("p", index), " × ", seen);
  }
  return [symbols, names.flatMap((term, place) => places.term(gate, term, place ? "later" : "first"))];
}

/**
 * A GRU's candidate whose reset gate holds back U h + c.
 * @param {string} symbol
 * @param {Places} places
 * @returns {[symbols: Pieces, terms: Pieces]}
 */
function resetSum(symbol, places) {
  const reset = [
    variable("r", "t"),
    " × (",
    variable("U", symbol),
    variable("h", "t−1", "earlier"),
    " + ",
    variable("c", symbol),
    ")",
  ];
  const symbols = [variable("W", symbol), variable("x", "t"), " + ", variable("b", symbol), " + ", ...reset];
  const gate = "candidate";
  const terms = [
    ...places.term(gate, "input", "first"),
    ...places.term(gate, "bias", "later"),
    " + ",
    places.number(`${gate}.reset`, "reset"),
    " × (",
    ...places.term(gate, "recurrent", "first"),
    ...places.term(gate, "recurrentBias", "later", "bias"),
    ")",
  ];
  return [symbols, terms];
}

/** @param {Places} places */
function memory(places) {
  return equation(
    "cell",
    "c",
    [variable("f", "t"), " × ", variable("c", "t−1", "earlier"), " + ", variable("i", "t"), " × ", variable("g", "t")],
    [
      "= ",
      places.number("cell.forget", "forget"),
      " × ",
      places.number("cell.before", "cell"),
      " + ",
      places.number("cell.input", "input"),
      " × ",
      places.number("cell.candidate", "candidate"),
      " = ",
      ...places.result("cell"),
    ],
  );
}

/**
 * @param {Cell} cell
 * @param {Places} places
 */
function shown(cell, places) {
  const squash = written(cell.shown);
  return equation(
    "hidden-state",
    "h",
    [variable("o", "t"), ` × ${squash}(`, variable("c", "t"), ")"],
    [
      "= ",
      places.number("hidden.output", "output"),
      ` × ${squash}(`,
      places.number("hidden.cell", "cell"),
      ") = ",
      ...places.result("hidden"),
    ],
  );
}

/**
 * A GRU's hidden state: so much of the candidate, and the rest of what was there.
 * @param {Places} places
 */
function mixture(places) {
  return equation(
    "hidden-state",
    "h",
    [
      "(1 − ",
      variable("z", "t"),
      ") × ",
      variable("n", "t"),
      " + ",
      variable("z", "t"),
      " × ",
      variable("h", "t−1", "earlier"),
    ],
    [
      "= ",
      places.number("hidden.rest", "update"),
      " × ",
      places.number("hidden.candidate", "candidate"),
      " + ",
      places.number("hidden.update", "update"),
      " × ",
      places.number("hidden.before", "hidden-state"),
      " = ",
      ...places.result("hidden"),
    ],
  );
}

/**
 * @param {string} kind
 * @param {string} symbol
 * @param {Pieces} symbols
 * @param {Pieces} numbers
 */
function equation(kind, symbol, symbols, numbers) {
  return make(
    "div",
    { class: `equation ${kind}` },
    make("span", { class: "subject" }, variable(symbol, "t"), " = "),
    make("span", { class: "symbols" }, ...symbols),
    make("span", { class: "numbers" }, ...numbers),
  );
}

/**
 * @param {string} symbol
 * @param {string} index
 * @param {string} [kind]
 */
function variable(symbol, index, kind = "") {
  return make("i", { class: `variable ${kind}` }, symbol, ...(index ? [make("sub", {}, index)] : []));
}
