// What the page says in words: notes, the legend of the strip, and what a screen reader hears.

import { fixed } from "../browser/format.js";

/** @import { Signal } from "../browser/types" */
/** @import { Reading } from "./reading.js" */
/** @import { Cell, Header } from "./types" */

/**
 * What is particular about what is shown; empty where nothing is.
 * @param {Pick<Header, "layer" | "steps" | "window">} header
 */
export function noteOn({ layer, steps, window: [start, stop] }) {
  /** @type {string[]} */
  const notes = [];
  if (layer.reverse) {
    notes.push(
      "This layer reads from the right: it begins at the last token, and “Play” and “Step forward” go to the left.",
    );
  }
  const given = layer.cell.given_on ? "what is given on by" : "the hidden state of";
  if (layer.number > 0) notes.push(`Its input x is ${given} layer ${layer.number - 1} at that token.`);
  notes.push(...particular(layer.cell));
  if (stop - start < steps) {
    const [from, to, last] = [start, stop - 1, steps - 1].map((step) => step.toLocaleString("en"));
    notes.push(`The browser holds steps ${from} to ${to} of ${last}; stepping beyond them fetches more.`);
  }
  return notes.join(" ");
}

/**
 * What is not as in the textbook.
 * @param {Cell} cell
 */
function particular(cell) {
  /** @type {string[]} */
  const notes = [];
  if (cell.peephole) notes.push("It has peepholes: its gates also see the cell state, in the last term of their sums.");
  if (cell.projection) {
    const count = cell.projection === 1 ? "one number" : `${cell.projection} numbers`;
    notes.push(`Its hidden state is projected to ${count}: that is what the next step and the layer above read as h.`);
  }
  if (cell.clip) notes.push(`Sums are cut to −${cell.clip} and ${cell.clip} before they are squashed.`);
  const hard = [cell.gate, cell.candidate, cell.shown].find((one) => one.name === "hard_sigmoid");
  const [slope, offset] = hard ? [hard.slope, hard.offset].map((one) => Number(one.toFixed(3))) : [];
  if (hard) notes.push(`hard\u00a0σ(a) is ${slope} × a + ${offset}, cut to 0 and 1.`);
  return notes;
}

/**
 * @param {Signal} signal
 * @param {number} unit
 * @param {string} owner
 */
export function legendOf({ title, meaning, limits: [low, high] }, unit, owner) {
  const whose = owner ? ` in ${owner}` : "";
  const digits = Math.abs(high) < 1 ? 2 : 0;
  return `${fixed(low, digits)} to ${fixed(high, digits)}: ${title.toLowerCase()} of unit ${unit}${whose}, ${meaning}`;
}

/**
 * One step in a sentence.
 * @param {Reading[]} readings
 * @param {Signal[]} signals
 * @param {{ step: number; unit: number; token: string }} place
 */
export function spoken(readings, signals, { step, unit, token }) {
  const said = readings.map((reading) => {
    const values = signals.map(({ name }) => `${name} ${fixed(reading.value(name, step, unit), 2)}`).join(", ");
    return readings.length > 1 ? `${reading.title}: ${values}` : values;
  });
  return `Step ${step}, ${token}. Unit ${unit}: ${said.join(". ")}.`;
}
