// The predictions of a model that outputs numbers: each value in its units and its change; for a forecast, what came.

import { fixed, make, part, say } from "../browser/format.js";
import { _ } from "../browser/locale.js";

/** @import { Reading } from "./reading.js" */
/** @import { Amount } from "./types" */
/** @typedef {{ name: HTMLElement; cells: HTMLElement[] }} Row */

export class Amounts {
  /** @param {HTMLTableElement} table */
  constructor(table) {
    this.table = table;
    this.output = part(table, "thead th", HTMLElement);
    this.body = part(table, "tbody", HTMLElement);
    /** @type {Row[]} */
    this.rows = [];
  }

  /**
   * @param {Reading} reading
   * @param {number} step
   */
  update(reading, step) {
    const { facts } = reading;
    const ahead = facts.kind === "values" && facts.ahead;
    say(this.output, ahead ? _("forecast") : _("output"));
    this.table.classList.toggle("ahead", ahead);
    const values = reading.values(step);
    if (this.rows.length !== values.length) this.build(values.length);
    for (const [index, one] of values.entries()) show(this.rows[index], one);
  }

  /**
   * For each value a row with its name, and one with its numbers.
   * @param {number} count
   */
  build(count) {
    this.rows = Array.from({ length: count }, () => ({
      name: make("th", { scope: "rowgroup", colspan: "3" }),
      cells: ["value", "came-next", "change"].map((kind) => make("td", { class: kind })),
    }));
    this.body.replaceChildren(
      ...this.rows.flatMap(({ name, cells }) => [make("tr", {}, name), make("tr", {}, ...cells)]),
    );
  }
}

/**
 * @param {Row} row
 * @param {Amount} amount
 */
function show({ name: title, cells: [output, next, change] }, { name, digits, value, before, came }) {
  say(title, name);
  say(output, fixed(value, digits));
  say(next, fixed(came, digits));
  const moved = value - before;
  const still = Number(Math.abs(moved).toFixed(digits)) === 0;
  say(
    change,
    !Number.isFinite(moved) ? "" : still ? "±0" : `${moved > 0 ? "▲" : "▼"} ${fixed(Math.abs(moved), digits)}`,
  );
}
