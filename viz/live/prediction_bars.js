// Why this prediction: the sum that is a logit, as bars. Explore and Step draw the same.

import { factor, fixed, make, part, percent, say } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";
import { layerTitle } from "./foot.js";

/** @import { PredictionAnswer, Term } from "./prediction_answer.js" */
/** @import { Obstacle } from "./readout_sources.js" */
/** @typedef {Extract<PredictionAnswer, { obstacle: "" }>} Sum */
/** @typedef {Record<"element" | "who" | "how" | "bar" | "value", HTMLElement>} Row */

/**
 * The selected unit, and which layers' units can be selected here.
 * @typedef {{ layer: string, unit: number, selectable: (layer: string) => boolean }} Selected
 */

const IDLE = 200; // ms: a menu's other entries are written when nobody types
const DIGITS = 2;
const FINE = 0.1; // where no term is larger, sums have a digit more
const LEAST = 0.01; // fills a bar at least: what is rounded to nothing

export class PredictionBars {
  /**
   * @param {HTMLElement} holder `.because`
   * @param {{ onUnit: (layer: string, unit: number) => void, onClass: () => void }} told
   */
  constructor(holder, { onUnit, onClass }) {
    this.holder = holder;
    this.onUnit = onUnit;
    this.note = part(holder, ".meaning", HTMLElement);
    this.list = part(holder, ".terms", HTMLElement);
    this.choice = part(holder, "select", HTMLSelectElement);
    /** @type {number | null} */
    this.wanted = null; // the output that the reader chose; null for the likeliest
    /** @type {Row[]} */
    this.rows = [];
    this.built = "";
    this.projected = false;
    this.digits = DIGITS; // of what is added up
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.later = undefined;
    this.choice.onchange = () => {
      this.wanted = this.choice.value === "" ? null : Number(this.choice.value);
      onClass();
    };
  }

  /**
   * @param {PredictionAnswer | null} answer null where no text is read
   * @param {Selected} selected
   */
  paint(answer, selected) {
    const sum = answer?.obstacle === "" ? answer : null;
    this.list.hidden = !sum;
    part(this.holder, "label", HTMLElement).hidden = !sum;
    clearTimeout(this.later);
    if (!sum) {
      say(this.note, answer && answer.obstacle !== "" ? obstacleInWords(answer.obstacle) : "");
      return;
    }
    say(this.note, [meaningOf(sum), placeOf(sum)].filter(Boolean).join(" "));
    this.offer(sum.choices.slice(0, 1), sum);
    this.later = setTimeout(() => this.offer(sum.choices, sum), IDLE);
    const most = sum.terms
      .map(({ product }) => Math.abs(product))
      .filter(Number.isFinite)
      .reduce((one, other) => Math.max(one, other), LEAST);
    this.projected = sum.projected;
    this.digits = most < FINE ? DIGITS + 1 : DIGITS;
    this.build(sum, selected);
    for (const [at, term] of sum.terms.entries()) this.term(this.rows[at], term, most, selected);
    this.others(sum, most);
  }

  /**
   * The menu of predictions: what is chosen now, the others after a moment.
   * @param {Sum["choices"]} choices
   * @param {Sum} sum
   */
  offer(choices, { row, numbers, choices: every }) {
    const shown = choices.some((one) => one.row === row) ? choices : every.filter((one) => one.row === row);
    const { options } = this.choice;
    while (options.length > shown.length) options.remove(options.length - 1);
    for (const [at, { row: value, name, chance }] of shown.entries()) {
      const option = options[at] ?? this.choice.appendChild(make("option"));
      say(option, numbers ? name : `${name}  ${percent(chance)}`);
      const own = !at && !numbers && value === every[0].row ? "" : String(value); // the likeliest, whichever that is
      if (option.value !== own || !option.hasAttribute("value")) option.setAttribute("value", own);
    }
    const selected = shown.findIndex((one) => one.row === row);
    if (this.choice.selectedIndex !== selected) this.choice.selectedIndex = selected;
  }

  /**
   * A row for each of these; those of units that can be selected are buttons.
   * @param {Sum} sum
   * @param {Selected} selected
   */
  build({ terms, projected, others, obstacle }, { selectable }) {
    const kinds = terms.map(({ layer }) => (!projected && selectable(layer) ? "button" : "div"));
    const built = [...kinds, others > 0, obstacle].join();
    if (built === this.built) return;
    this.built = built;
    this.rows = [
      ...kinds.map((tag) => termRow(/** @type {"button" | "div"} */ (tag))),
      ...(others ? [restRow()] : []),
      ...[restRow(), totalRow()],
    ];
    this.list.replaceChildren(...this.rows.map(({ element }) => make("li", {}, element)));
  }

  /**
   * @param {Row} row
   * @param {Term} term
   * @param {number} most
   * @param {Selected} selected
   */
  term(row, { layer, unit, weight, output, product }, most, selected) {
    const { element } = row;
    const name = this.projected ? fill(_("number {number}"), { number: unit }) : fill(_("unit {unit}"), { unit });
    say(row.who, layer.endsWith("_reverse") ? `${name} ←` : name);
    say(row.how, `${fixed(weight, DIGITS)} × ${factor(output, DIGITS)}`);
    this.measure(row, product, most);
    const title = fill(_("{layer}, {unit}: readout weight {weight} × output {output}"), {
      ...{ layer: layerTitle(layer), unit: name },
      ...{ weight: fixed(weight, 4), output: fixed(output, 4) },
    });
    if (element.title !== title) element.title = title;
    if (!(element instanceof HTMLButtonElement)) return;
    element.onclick = () => this.onUnit(layer, unit);
    element.setAttribute("aria-pressed", String(layer === selected.layer && unit === selected.unit));
  }

  /**
   * The rows below: all other units, the bias, and the sum.
   * @param {Sum} sum
   * @param {number} most
   */
  others({ others, rest, bias, total, chance, numbers, projected }, most) {
    const rows = this.rows.slice(-2 - Number(others > 0));
    if (others) {
      const count = { count: others };
      say(rows[0].who, projected ? fill(_("{count} other numbers"), count) : fill(_("{count} other units"), count));
      this.measure(rows[0], rest, most);
    }
    const [biasRow, sumRow] = rows.slice(-2);
    say(biasRow.who, _("bias"));
    this.measure(biasRow, bias, most);
    say(sumRow.who, numbers ? _("= output") : _("= logit"));
    say(sumRow.how, numbers ? "" : fill(_("probability {share}"), { share: percent(chance) }));
    say(sumRow.value, fixed(total, this.digits));
  }

  /**
   * A bar is as long as the largest of the units' at most: a longer one is cut, and says so.
   * @param {Row} row
   * @param {number} product
   * @param {number} most
   */
  measure({ element, how, bar, value }, product, most) {
    const written = fixed(product, this.digits);
    say(value, product > 0 && Number(written) !== 0 ? `+${written}` : written);
    const cut = Math.abs(product) > most;
    const share = Number.isFinite(product) ? Math.min(Math.abs(product) / most, 1) : 0;
    const length = `scaleX(${(Math.sign(product) * share || 0).toFixed(3)})`; // a width would be laid out at every key
    if (bar.dataset.drawn !== length) bar.style.transform = length;
    bar.dataset.drawn = length;
    bar.classList.toggle("below", product < 0);
    bar.classList.toggle("cut", cut);
    if (element.classList.contains("rest")) say(how, cut ? _("(bar cut)") : "");
  }
}

/** @returns {Omit<Row, "element"> & { track: HTMLElement }} */
function pieces() {
  const bar = make("i");
  const [who, how] = [make("span", { class: "who" }), make("span", { class: "how" })];
  return { who, how, bar, track: make("span", { class: "track" }, bar), value: make("b") };
}

/**
 * @param {"button" | "div"} tag
 * @returns {Row}
 */
function termRow(tag) {
  const { who, how, bar, track, value } = pieces();
  const element = make(tag, tag === "button" ? { class: "term", type: "button" } : { class: "term" });
  element.append(who, how, track, value);
  return { element, who, how, bar, value };
}

/** @returns {Row} */
function restRow() {
  const { who, how, bar, track, value } = pieces();
  const element = make("div", { class: "term rest" }, make("span", {}, who, " ", how), track, value);
  return { element, who, how, bar, value };
}

/** @returns {Row} */
function totalRow() {
  const { who, how, bar, value } = pieces();
  return { element: make("div", { class: "term total" }, who, how, value), who, how, bar, value };
}

/** @param {Sum} sum */
function meaningOf({ name, numbers, projected }) {
  const values = { name };
  if (projected)
    return fill(
      _("The logit of “{name}” is exactly this sum. The readout reads numbers that the units are projected to."),
      values,
    );
  if (numbers)
    return fill(_("The output “{name}” is exactly this sum: readout weight × unit's output, and a bias."), values);
  return fill(_("The logit of “{name}” is exactly this sum: readout weight × unit's output, and a bias."), values);
}

/**
 * Which layer's units these are, where there are several, and which of them read backwards.
 * @param {Sum} sum
 */
function placeOf({ terms, stacked, between }) {
  const number = terms[0]?.layer.replace(/\D/g, "") ?? "";
  return [
    stacked ? fill(_("All are of layer {number}."), { number }) : "",
    terms.some(({ layer }) => layer.endsWith("_reverse")) ? _("← reads backwards.") : "",
    betweenInWords(between),
  ]
    .filter(Boolean)
    .join(" ");
}

/** @param {Sum["between"]} between */
function betweenInWords(between) {
  switch (between) {
    case "relu":
      return _("The readout reads each output after a ReLU.");
    case "mean":
      return _("The readout reads the mean of each output over the steps so far.");
    case "max":
      return _("The readout reads the largest value of each output so far.");
    case "last":
      return _("This model was trained to predict after the last step alone.");
    default:
      return "";
  }
}

/** @param {Exclude<Obstacle, "">} obstacle */
function obstacleInWords(obstacle) {
  switch (obstacle) {
    case "nothing":
      return _("This model has no readout, so it predicts nothing.");
    case "unknown":
      return _("A recording comes without the readout's weights, so its predictions cannot be taken apart.");
    case "product":
      return _("The readout reads products of two units, one of each direction, so a logit is no sum over units.");
    case "merged":
      return _(
        "The readout reads a function of two units' sum, one of each direction, so a logit is no sum over units.",
      );
  }
}
