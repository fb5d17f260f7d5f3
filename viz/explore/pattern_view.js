// Find this pattern: which units are on in the marked steps, and the places of a longer text where they are on together.

import { letters } from "../browser/coloured_tokens.js";
import { dress, isDark, Scale } from "../browser/colours.js";
import { fixed, make, part, percent, say } from "../browser/format.js";
import { _, fill, speak, wordsOf } from "../browser/locale.js";
import { mount } from "../browser/mount.js";

/** @import { Call } from "../browser/types" */
/** @import { Marked, PatternData, Place } from "./types" */

const FEW = 12; // places, until the reader asks for all
const SMALL = 0.0001; // p-value
const WEAK = 0.05; // false-discovery rate beyond which a place may be chance

class PatternView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.showWords = wordsOf(root);
    this.drawn = "";
    /** @type {Call<PatternData>["setTriggerValue"]} */
    this.tell = () => {};
  }

  /** @param {Call<PatternData>} call */
  receive({ data, setTriggerValue }) {
    this.tell = setTriggerValue;
    speak(data.strings);
    this.showWords();
    const dark = isDark(this.root);
    if (this.drawn === `${data.id} ${dark}`) return;
    this.drawn = `${data.id} ${dark}`;
    dress(this.root, { signals: [], themes: data.themes }, dark);
    this.scale = new Scale([0, 1], data.share[dark ? "dark" : "light"]);
    part(this.root, ".ramp", HTMLElement).style.background = this.scale.ramp;
    drawMarked(part(this.root, ".own", HTMLElement), data.marked, { scale: this.scale, apart: data.apart });
    say(part(this.root, ".said", HTMLElement), data.said);
    this.drawNext(data.next);
    this.drawPlaces(data);
  }

  /** @param {PatternData["next"]} next */
  drawNext(next) {
    const chips = next.map(([token, count]) => make("span", { class: "chip" }, make("kbd", {}, token), `${count} ×`));
    const holder = part(this.root, ".next", HTMLElement);
    holder.replaceChildren(...(chips.length ? [make("span", {}, _("Next came")), ...chips] : []));
    holder.hidden = !chips.length;
  }

  /** @param {PatternData} data */
  drawPlaces({ id, places, apart }) {
    const scale = /** @type {Scale} */ (this.scale);
    const rows = places.map((one, at) => {
      const text = placeText(one, { scale, apart });
      if (text instanceof HTMLAnchorElement)
        text.onclick = (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return; // in a tab of its own, by the browser
          event.preventDefault();
          this.tell("read", { id, at });
        };
      const alike = one.count > 1 ? `${one.count} ×` : "";
      const numbers = [fixed(one.score, 2), one.p < SMALL ? `< ${SMALL}` : fixed(one.p, 4), percent(one.fdr), alike];
      const row = make("tr", {}, ...numbers.map((written) => make("td", {}, written)), make("td", {}, text));
      row.classList.toggle("weak", one.fdr > WEAK);
      row.hidden = at >= FEW;
      return row;
    });
    const table = part(this.root, ".places", HTMLElement);
    table.hidden = !rows.length;
    part(table, "tbody", HTMLElement).replaceChildren(...rows);
    const more = part(this.root, ".more", HTMLButtonElement);
    more.hidden = rows.length <= FEW;
    say(more, fill(_("Show {count} more"), { count: rows.length - FEW }));
    more.onclick = () => {
      for (const row of rows) row.hidden = false;
      more.hidden = true;
    };
  }

  leave() {}
}

/**
 * The marked steps and some around them: the text, and a row for each unit, filled where it is on.
 * @param {HTMLElement} holder
 * @param {Marked} marked
 * @param {{ scale: Scale, apart: boolean }} drawn
 */
function drawMarked(holder, { tokens, share, before, length, rows, more }, { scale, apart }) {
  holder.style.setProperty("--tokens", String(tokens.length));
  holder.classList.toggle("apart", apart);
  holder.setAttribute("aria-label", rows.map(({ label }) => label).join("; "));
  const text = letters(tokens, share, scale).map((letter, at) => placed(letter, 1, at + 2));
  const bits = rows.flatMap(({ label, colour, on }, row) => [
    placed(make("span", { class: "row" }, label), row + 2, 1),
    ...on.map((bit, at) => {
      const cell = placed(make("i", { class: "bit" }), row + 2, at + 2);
      cell.classList.toggle("on", bit);
      cell.style.setProperty("--hue", colour);
      return cell;
    }),
  ]);
  const frame = make("span", { class: "frame" });
  frame.style.gridArea = `1 / ${before + 2} / ${rows.length + 2} / ${before + length + 2}`;
  const rest = make("span", { class: "rest" }, more ? fill(_("and {count} more"), { count: more }) : "");
  rest.style.gridArea = `${rows.length + 2} / 1 / auto / -1`;
  holder.replaceChildren(...text, ...bits, frame, ...(more ? [rest] : []));
}

/**
 * @param {HTMLElement} element
 * @param {number} row
 * @param {number} column
 */
function placed(element, row, column) {
  element.style.gridArea = `${row} / ${column}`;
  return element;
}

/**
 * A place with what stands around it: a link, if it can be opened as a text.
 * @param {Place} place
 * @param {{ scale: Scale, apart: boolean }} drawn
 */
function placeText({ tokens, share, before, length, begins, ends, href }, { scale, apart }) {
  const every = letters(tokens, share, scale);
  const cut = (/** @type {boolean} */ whole) =>
    whole ? [] : [make("i", { class: "cut", "aria-hidden": "true" }, "…")];
  const parts = [
    make("span", { class: "before" }, ...cut(begins), ...every.slice(0, before)),
    make(
      "span",
      {},
      make("span", { class: "within" }, ...every.slice(before, before + length)),
      ...every.slice(before + length),
      ...cut(ends),
    ),
  ];
  const place = href
    ? make("a", { class: "place", href, title: _("Read this in the picture above") }, ...parts)
    : make("span", { class: "place" }, ...parts);
  place.classList.toggle("apart", apart);
  return place;
}

export default mount(".pattern-view", (root) => new PatternView(root));
