// Keys on the picture: what is selected after each, and what a screen reader is told of it.

import { fixed } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";

/** @import { Signal } from "../browser/types" */
/** @import { LiveModel } from "./model.js" */
/** @import { Options } from "./types" */

/** @typedef {{ step: number, unit: number, rows: number[], steps: number }} Place */

/**
 * What a key changes; null for one that means nothing here.
 * @param {string} key
 * @param {Place} place
 * @returns {Partial<Options> | null}
 */
export function moved(key, { step, unit, rows, steps }) {
  const row = rows.indexOf(unit);
  /** @type {Record<string, Partial<Options>>} */
  const changes = {
    ArrowLeft: { step: Math.max(step - 1, 0), unit },
    ArrowRight: { step: Math.min(step + 1, steps - 1), unit },
    ArrowUp: { unit: rows[Math.max(row - 1, 0)] ?? unit },
    ArrowDown: { unit: rows[Math.min(row + 1, rows.length - 1)] ?? unit },
    Home: { step: 0 },
    End: { step: null },
    Escape: { step: null, zoom: null, span: null },
  };
  return Object.hasOwn(changes, key) ? changes[key] : null;
}

/**
 * The selected cell in words.
 * @param {LiveModel} model
 * @param {{ layer: string, signals: Signal[], unit: number, step: number, named: string, span: Options["span"] }} cell
 */
export function spoken(model, { layer, signals, unit, step, named, span }) {
  const { units } = model.direction(layer);
  const values = signals.map(
    ({ name, title }) => `${title} ${fixed(model.signal(layer, name)[step * units + unit], 2)}`,
  );
  const marked = span ? `. ${fill(_("Marked: steps {from} to {to}"), { from: span[0] + 1, to: span[1] })}` : "";
  return `${fill(_("Unit {unit}"), { unit })}, ${named}. ${values.join(", ")}${marked}`;
}
