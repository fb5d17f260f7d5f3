// The page's sentences: notes, the legend of the strip, and what a screen reader hears.

import { fixed } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";
import { NAMES } from "./kinds.js";

/** @import { Signal } from "../browser/types" */
/** @import { Reading } from "./reading.js" */
/** @import { Cell, Header } from "./types" */

/**
 * What is special about the layer and the text; empty if nothing is.
 * @param {Pick<Header, "layer" | "steps" | "window">} header
 */
export function noteOn({ layer, steps, window: [start, stop] }) {
  /** @type {string[]} */
  const notes = [];
  if (layer.reverse) {
    notes.push(
      _("This layer reads from right to left: it starts at the last token, and “Play” and “Step forward” go left."),
    );
  }
  if (layer.number > 0) {
    const given = layer.cell.given_on
      ? _("Its input x is the output of layer {layer} at that token.")
      : _("Its input x is the hidden state of layer {layer} at that token.");
    notes.push(fill(given, { layer: layer.number - 1 }));
  }
  notes.push(...particular(layer.cell));
  if (stop - start < steps) {
    const [from, to, last] = [start + 1, stop, steps].map((step) => step.toLocaleString("en"));
    const loaded = _("The browser holds steps {from} to {to} of {last}; stepping beyond them fetches more.");
    notes.push(fill(loaded, { from, to, last }));
  }
  return notes.join(" ");
}

/**
 * How many units have values that are no numbers; what is none in a gate is none in the hidden state of that step.
 * @param {Reading} reading
 */
export function gapsIn({ units, arrays: { hidden } }) {
  const gaps = new Set();
  for (let at = 0; at < hidden.length; at++) if (!Number.isFinite(hidden[at])) gaps.add(at % units);
  const about = _(
    "Values of {count} of {all} units are not numbers (NaN or infinite): they are left out, and shown as gaps.",
  );
  return gaps.size ? fill(about, { count: gaps.size, all: units }) : "";
}

/**
 * What differs from the textbook.
 * @param {Cell} cell
 */
function particular(cell) {
  /** @type {string[]} */
  const notes = [];
  if (cell.peephole) {
    notes.push(_("It has peepholes: its gates also see the cell state, in the last term of their sums."));
  }
  if (cell.projection) {
    const projected =
      cell.projection === 1
        ? _("Its hidden state is projected to one number, which the next step and the layer above read as h.")
        : _("Its hidden state is projected to {count} numbers, which the next step and the layer above read as h.");
    notes.push(fill(projected, { count: cell.projection }));
  }
  if (cell.clip)
    notes.push(fill(_("Sums are clipped to −{clip} and {clip} before the activation."), { clip: cell.clip }));
  const hard = [cell.gate, cell.candidate, cell.shown].find((one) => one.name === "hard_sigmoid");
  const [slope, offset] = hard ? [hard.slope, hard.offset].map((one) => Number(one.toFixed(3))) : [];
  if (hard) notes.push(fill(_("hard\u00a0σ(a) is {slope} × a + {offset}, clipped to 0 and 1."), { slope, offset }));
  return notes;
}

/**
 * @param {Signal} signal
 * @param {number} unit
 * @param {string} owner
 */
export function legendOf({ title, meaning, limits: [low, high] }, unit, owner) {
  const digits = Math.abs(high) < 1 ? 2 : 0;
  const legend = owner
    ? _("{low} to {high}: {signal} of unit {unit} in “{model}”, {meaning}")
    : _("{low} to {high}: {signal} of unit {unit}, {meaning}");
  const ends = { low: fixed(low, digits), high: fixed(high, digits) };
  return fill(legend, { ...ends, signal: title.toLowerCase(), unit, model: owner, meaning });
}

/**
 * One step in a sentence.
 * @param {Reading[]} readings
 * @param {Signal[]} signals
 * @param {{ step: number; unit: number; token: string }} place
 */
export function spoken(readings, signals, { step, unit, token }) {
  const values = readings.map((reading) => {
    const numbers = signals
      .map(({ name }) => `${_(NAMES[name])} ${fixed(reading.value(name, step, unit), 2)}`)
      .join(", ");
    return readings.length > 1 ? `${reading.title}: ${numbers}` : numbers;
  });
  return fill(_("Step {step}, {token}. Unit {unit}: {values}."), {
    step: (step + 1).toLocaleString("en"),
    token,
    unit,
    values: values.join(". "),
  });
}
