// Places of a corpus where a unit is high, low and in between, and a text of the reader's own: every token in the colour of its value.

import { letters } from "../browser/coloured_tokens.js";
import { fixed, make } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Group, Passage, Place } from "./types" */
/** @typedef {{ scale: Scale, apart: boolean, nothing: string, address: (place: Place) => string, onPlace: (place: Place) => void }} Drawn */

const FEW = 3; // of a group, until the reader asks for all

/**
 * Groups of passages, each with its title; the first few of each where there are several.
 * @param {HTMLElement} holder
 * @param {Group[]} groups
 * @param {Drawn} drawn
 */
export function drawGroups(holder, groups, drawn) {
  const several = groups.length > 1;
  const lists = groups.map(({ title, passages }) => {
    const rows = passages.map((one) => passageRow(one, drawn));
    if (several) for (const row of rows.slice(FEW)) row.hidden = true;
    const list = make("ol", { "aria-label": title }, ...rows);
    return several ? make("section", { class: "group" }, make("p", { class: "range" }, title), list) : list;
  });
  const hidden = lists.flatMap((list) => Array.from(list.querySelectorAll("li"))).filter((row) => row.hidden);
  if (!groups.some(({ passages }) => passages.length)) {
    holder.replaceChildren(make("p", { class: "nothing" }, drawn.nothing));
    return;
  }
  holder.replaceChildren(...lists, ...(hidden.length ? [more(hidden)] : []));
}

/** @param {HTMLElement[]} hidden */
function more(hidden) {
  const button = make(
    "button",
    { type: "button", class: "more" },
    fill(_("Show {count} more"), { count: hidden.length }),
  );
  button.onclick = () => {
    for (const row of hidden) row.hidden = false;
    button.remove();
  };
  return button;
}

/**
 * @param {Passage} passage
 * @param {Drawn} drawn
 */
function passageRow(passage, { scale, apart, address, onPlace }) {
  const value = make("b", { class: "value" }, fixed(passage.value, 2));
  const text = make("span", { class: `passage${apart ? " apart" : ""}` });
  if (!passage.begins) text.append(make("span", { class: "cut", "aria-hidden": "true" }, "…"));
  text.append(...letters(passage.tokens, passage.values, scale));
  if (!passage.ends) text.append(make("span", { class: "cut", "aria-hidden": "true" }, "…"));
  const marked = text.querySelectorAll("i")[passage.at];
  marked?.classList.add("at");
  const { text: whole, span, step } = passage;
  if (whole === undefined || !span || step === undefined) return make("li", {}, value, text);
  const place = { text: whole, span, step };
  const link = make("a", { class: "find", href: address(place), title: _("Find this pattern") }, "⌕");
  link.setAttribute("aria-label", link.title);
  link.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // in a tab of its own, by the browser
    event.preventDefault();
    onPlace(place);
  };
  return make("li", {}, value, text, link);
}
