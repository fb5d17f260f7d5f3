// What the page says in words: notes, the legend of the strip, and what a screen reader hears.

import { fixed } from "./format.js";

/** What is particular about what is shown; empty where nothing is. */
export function noteOn({ layer, steps, window: [start, stop] }) {
  const notes = [];
  if (layer.reverse) {
    notes.push("This layer reads from the right: it begins at the last token, and “Play” and “Step forward” go to the left.");
  }
  if (layer.number > 0) notes.push(`Its input x is the hidden state of layer ${layer.number - 1} at that token.`);
  if (stop - start < steps) {
    const [from, to, last] = [start, stop - 1, steps - 1].map((step) => step.toLocaleString("en"));
    notes.push(`The browser holds steps ${from} to ${to} of ${last}; stepping beyond them fetches more.`);
  }
  return notes.join(" ");
}

export function legendOf({ title, meaning, limits: [low, high] }, unit, owner) {
  const whose = owner ? ` in ${owner}` : "";
  const digits = Math.abs(high) < 1 ? 2 : 0;
  return `${fixed(low, digits)} to ${fixed(high, digits)}: ${title.toLowerCase()} of unit ${unit}${whose}, ${meaning}`;
}

/** One step in a sentence. */
export function spoken(readings, signals, { step, unit, token }) {
  const said = readings.map((reading) => {
    const values = signals.map(({ name }) => `${name} ${fixed(reading.value(name, step, unit), 2)}`).join(", ");
    return readings.length > 1 ? `${reading.title}: ${values}` : values;
  });
  return `Step ${step}, ${token}. Unit ${unit}: ${said.join(". ")}.`;
}
