// What a unit does over a whole text, in one line, and the link to its page where there is such a page.

import { make, say } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";

/** @typedef {{ unit: number, line?: string, address?: string }} Told */

export class UnitLine {
  /**
   * @param {HTMLElement} holder
   * @param {() => void} onFollow the reader goes to the page of the unit, in this tab
   */
  constructor(holder, onFollow) {
    this.holder = holder;
    this.link = make("a", {});
    this.words = make("span", {});
    this.link.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // a tab of its own
      event.preventDefault();
      onFollow();
    };
    holder.append(this.link, " ", this.words);
    this.shown = ""; // what is, in JSON
  }

  /** @param {Told} told */
  show({ unit, line = "", address = "" }) {
    const shown = JSON.stringify([unit, line, address, _("All about unit {unit}")]);
    if (shown === this.shown) return;
    this.shown = shown;
    say(this.link, fill(_("All about unit {unit}"), { unit }));
    this.link.href = address;
    this.link.hidden = !address;
    const sentence = line && `${line[0].toUpperCase()}${line.slice(1)}.`;
    say(this.words, sentence);
    this.holder.title = sentence;
    this.holder.hidden = !address && !line;
  }
}

/**
 * Where the page of a unit is, from the other pages, which lie beside it.
 * @param {{ model: string, layer: string, unit: number }} of
 */
export function unitAddress({ model, layer, unit }) {
  return `units?${new URLSearchParams({ model, layer, unit: String(unit) })}`;
}
