// What is known of a unit in numbers, each block with its heading: spread, what it follows, what it writes, what opens its gates.

import { fixed, make, shape } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";

/** @import { Signal } from "../browser/types" */
/** @import { Push, Unit } from "./types" */

const WIDE = 320;
const TALL = 74;

/**
 * @param {string} title
 * @param {...(Node | string)} parts
 */
function block(title, ...parts) {
  return make("section", { class: "block" }, make("h2", {}, title), ...parts);
}

/** @param {string} words */
const quiet = (words) => make("p", { class: "quiet" }, words);

/**
 * How often which values occur: of the signal that is shown.
 * @param {Unit} unit
 * @param {Signal} signal
 */
export function spread({ histogram, saturation }, signal) {
  if (!histogram) return block(_("How its values are spread"), quiet(_("There are no numbers to count.")));
  const { count, low, high } = histogram;
  const most = Math.max(...count, 1);
  const label = fill(_("Histogram of the {signal}, from {low} to {high}"), {
    ...{ signal: signal.title.toLowerCase(), low: fixed(low, 2), high: fixed(high, 2) },
  });
  const bars = count.map((many, at) => {
    const tall = many ? Math.max(1, (many / most) * TALL) : 0;
    const middle = low + ((at + 0.5) / count.length) * (high - low);
    const wide = WIDE / count.length;
    const bar = {
      x: at * wide,
      y: TALL - tall,
      width: Math.max(wide - 0.6, 0.5),
      height: tall,
      fill: tint(signal, middle),
    };
    return shape("rect", bar);
  });
  const picture = shape(
    "svg",
    { viewBox: `0 0 ${WIDE} ${TALL}`, class: "spread", role: "img", "aria-label": label },
    ...bars,
  );
  picture.setAttribute("preserveAspectRatio", "none");
  const ends = make("p", { class: "axis" }, make("span", {}, fixed(low, 2)), make("span", {}, fixed(high, 2)));
  return block(_("How its values are spread"), picture, ends, ...saturation.map((row) => saturated(row)));
}

/**
 * @param {Signal} signal
 * @param {number} value
 */
function tint(signal, value) {
  if (signal.gate) return signal.colour;
  return value < 0 ? "var(--cool)" : "var(--warm)";
}

/** @param {Unit["saturation"][number]} row */
function saturated({ symbol, title, colour, below, above }) {
  const name = make("i", { class: "symbol", title }, symbol);
  name.style.setProperty("--hue", colour);
  const bar = make("span", { class: "shares", "aria-hidden": "true" });
  for (const [share, kind] of /** @type {[number, string][]} */ ([
    [below, "below"],
    [1 - below - above, "between"],
    [above, "above"],
  ])) {
    const part = make("span", { class: kind });
    part.style.flexGrow = String(Math.max(share, 0));
    bar.append(part);
  }
  bar.style.setProperty("--hue", colour);
  const words = fill(_("{shut} % shut, {open} % open"), { shut: percent(below), open: percent(above) });
  return make("p", { class: "saturated" }, name, bar, make("span", {}, words));
}

/** @param {number} share */
function percent(share) {
  return (share * 100).toFixed(share < 0.0995 && share > 0 ? 1 : 0);
}

/**
 * What it follows: the claims that were measured, each beside chance and the model before training.
 * @param {Unit} unit
 */
export function followed({ features }) {
  const title = _("What it follows");
  if (!features.length) return block(title, quiet(_("No property of this text comes often enough to be tested.")));
  const heads = [_("property"), _("score"), _("by chance"), _("untrained")];
  const head = make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name)));
  const rows = features.map(({ title: name, score, interval, chance, untrained, kept }) => {
    const cells = [score, chance, untrained].map((words) => make("td", {}, words));
    cells[0].append(make("small", {}, interval));
    return make("tr", kept ? {} : { class: "weak" }, make("th", { scope: "row" }, name), ...cells);
  });
  return block(title, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
}

/**
 * What its output promotes and suppresses.
 * @param {Unit} unit
 */
export function written({ output }) {
  const title = _("What it writes to the output");
  if (output.reason) return block(title, quiet(output.reason));
  const about = quiet(_("The readout's weight of this unit: what an output of 1 adds to each logit."));
  return block(title, about, ...twoSides([_("promotes"), output.promoted], [_("suppresses"), output.suppressed]));
}

/**
 * @param {[string, Push[]]} up
 * @param {[string, Push[]]} down
 * @param {(label: string | number) => HTMLElement} [named]
 */
function twoSides(up, down, named) {
  return [up, down]
    .filter(([, pushes]) => pushes.length)
    .map(([name, pushes], at) =>
      chips(
        name,
        pushes.map((one) => pushed(one, at === 1, named)),
      ),
    );
}

/**
 * @param {string} name
 * @param {HTMLElement[]} all
 */
function chips(name, all) {
  return make("p", { class: "pushes" }, make("span", {}, name), make("span", { class: "chips" }, ...all));
}

/**
 * @param {Push} push
 * @param {boolean} below
 * @param {(label: string | number) => HTMLElement} [named]
 */
function pushed([label, push], below, named) {
  const name = named ? named(label) : make("kbd", {}, String(label));
  const written = `${push > 0 ? "+" : ""}${fixed(push, 2)}`;
  return make("span", { class: `chip${below || push < 0 ? " below" : ""}` }, name, written);
}

/**
 * What opens and closes each gate: tokens and other units.
 * @param {Unit} unit
 * @param {(unit: number) => void} onUnit
 */
export function opened({ gates }, onUnit) {
  const title = _("What opens its gates");
  if (!gates.length) return block(title, quiet(_("This layer has no gates.")));
  const about = quiet(
    _(
      "From the weights: how far a token, or a unit one standard deviation above its mean, moves the gate before its sigmoid.",
    ),
  );
  const named = (/** @type {string | number} */ label) => unitButton(Number(label), onUnit);
  const rows = gates.map(({ signal, tokens_up, tokens_down, units_up, units_down, reason }) => {
    const symbol = make("i", { class: "symbol", title: signal.title }, signal.symbol);
    symbol.style.setProperty("--hue", signal.colour);
    const tokens = reason ? [quiet(reason)] : twoSides([_("opened by"), tokens_up], [_("closed by"), tokens_down]);
    const units = twoSides([_("and by units"), units_up], [_("and by units"), units_down], named);
    const sides =
      tokens.length === 2 && units.length === 2 ? [tokens[0], units[0], tokens[1], units[1]] : [...tokens, ...units];
    return make("div", { class: "gate" }, symbol, make("div", {}, ...sides));
  });
  return block(title, about, ...rows);
}

/**
 * @param {number} unit
 * @param {(unit: number) => void} onUnit
 */
function unitButton(unit, onUnit) {
  const button = make(
    "button",
    { type: "button", class: "unit", "aria-label": fill(_("unit {unit}"), { unit }) },
    String(unit),
  );
  button.onclick = () => onUnit(unit);
  return button;
}

/**
 * How long it remembers, what it is worth, and which units are like it.
 * @param {Unit} unit
 * @param {(unit: number) => void} onUnit
 */
export function worth({ lines, nearest }, onUnit) {
  const list = make("dl", {}, ...lines.flatMap(([name, words]) => [make("dt", {}, name), make("dd", {}, words)]));
  const near = nearest.map(([unit, correlation]) =>
    make("span", { class: `chip${correlation < 0 ? " below" : ""}` }, unitButton(unit, onUnit), fixed(correlation, 2)),
  );
  const beside = near.length ? [chips(_("most alike"), near)] : [];
  return block(_("Memory, cost and neighbours"), list, ...beside);
}

/**
 * The mean of each gate at each checkpoint of the training.
 * @param {Unit} unit
 */
export function trained({ training }) {
  if (!training || training.steps.length < 2) return null;
  const { steps, gates } = training;
  const lines = gates.map(({ colour, means }) => {
    const points = means.map(
      (mean, at) => `${((at / (steps.length - 1)) * WIDE).toFixed(1)},${((1 - mean) * TALL).toFixed(1)}`,
    );
    return shape("polyline", {
      points: points.join(" "),
      fill: "none",
      stroke: colour,
      "stroke-width": 2,
      "vector-effect": "non-scaling-stroke",
    });
  });
  const label = _("The mean of each gate over training, from 0 to 1");
  const picture = shape(
    "svg",
    { viewBox: `0 -2 ${WIDE} ${TALL + 4}`, class: "trained", role: "img", "aria-label": label },
    ...lines,
  );
  picture.setAttribute("preserveAspectRatio", "none");
  const ends = [steps[0], steps[steps.length - 1]].map((step) =>
    fill(_("training step {step}"), { step: step.toLocaleString("en") }),
  );
  const names = gates.map(({ symbol, title, colour }) => {
    const name = make("i", { class: "symbol" }, symbol);
    name.style.setProperty("--hue", colour);
    return make("span", {}, name, " ", title);
  });
  return block(
    _("Its gates over training"),
    picture,
    make("p", { class: "axis" }, ...ends.map((words) => make("span", {}, words))),
    make("p", { class: "names" }, ...names),
  );
}
