// The prediction after a step, and how the token just read has changed it.

import { fixed, make, part, percent, say } from "../browser/format.js";
import { _, fill, N_ } from "../browser/locale.js";
import { PredictionBars } from "../live/prediction_bars.js";
import { Amounts } from "./amounts.js";

/** @import { Reading } from "./reading.js" */
/** @import { Expected, Told } from "./types" */
/** @typedef {{ heading: string; column?: string; surprise?: string; first?: string }} Words */
/** @typedef {Record<"row" | "name" | "now" | "then" | "share" | "change", HTMLElement>} Row */

/** @type {Record<string, Words>} */
const WORDS = {
  next: {
    heading: N_("What comes after “{context}”?"),
    column: N_("next {token}"),
    surprise: N_("The model had given “{token}” {probability} ({bits} bits)."),
    first: N_("Nothing was predicted for the first step."),
  },
  legal: {
    heading: N_("What may come after “{context}”?"),
    column: N_("next {token}"),
    surprise: N_("The model had given “{token}” {probability} to be allowed ({bits} bits)."),
    first: N_("Nothing was predicted for the first step."),
  },
  labels: { heading: N_("Prediction after “{context}”"), column: N_("label") },
  values: { heading: N_("Output after “{context}”") },
  forecast: { heading: N_("Forecast after “{context}”") },
  nothing: { heading: N_("Prediction") },
};

export class Prediction {
  /**
   * @param {HTMLElement} holder
   * @param {Pick<Told, "onUnit" | "onWhy">} told
   */
  constructor(holder, { onUnit, onWhy }) {
    this.holder = holder;
    this.heading = part(holder, "h3", HTMLElement);
    this.note = part(holder, ".surprise", HTMLElement);
    this.table = part(holder, "table.chances", HTMLTableElement);
    this.body = part(this.table, "tbody", HTMLElement);
    this.change = part(this.table, "th:last-child", HTMLElement);
    /** @type {Row[]} */
    this.rows = [];
    this.amounts = new Amounts(part(holder, "table.amounts", HTMLTableElement));
    this.why = part(holder, "button.why", HTMLButtonElement);
    this.because = part(holder, ".because", HTMLElement);
    const explain = () => this.explain();
    this.bars = new PredictionBars(this.because, { onUnit: (_layer, unit) => onUnit(unit), onClass: explain });
    /** @type {{ reading: Reading; step: number; unit: number } | null} */
    this.shown = null;
    this.why.onclick = () => onWhy(!this.asked);
  }

  /** @param {boolean} asked */
  ask(asked) {
    if (asked === this.asked) return;
    this.why.setAttribute("aria-pressed", String(asked));
    this.explain();
  }

  /** Does the reader want to know why? */
  get asked() {
    return this.why.getAttribute("aria-pressed") === "true";
  }

  /** The bars that add up to a prediction, in place of all predictions, while the reader asks for them. */
  explain() {
    if (!this.shown) return;
    const { reading, step, unit } = this.shown;
    const { because, facts } = reading;
    this.why.hidden = !because || facts.kind === "nothing";
    const asked = this.asked && !this.why.hidden;
    this.because.hidden = !asked;
    this.holder.classList.toggle("asked", asked);
    if (!asked || !because) return;
    const selectable = (/** @type {string} */ layer) => layer === because.layer; // the others are not on the page
    const selected = { layer: because.layer, unit, selectable };
    this.bars.paint(because.explained(step, this.bars.wanted), selected);
  }

  /**
   * @param {Reading} reading
   * @param {number} step
   * @param {{ token: string; context: string; noun: string; unit: number; held: boolean }} quoted
   */
  update(reading, step, { token, context, noun, unit, held }) {
    const { facts } = reading;
    this.shown = { reading, step, unit };
    this.explain();
    const { kind } = facts;
    const words = WORDS[kind === "values" && facts.ahead ? "forecast" : kind];
    if (this.holder.dataset.kind !== kind) this.arrange(kind, words, noun);
    say(this.heading, fill(_(words.heading), { context }));
    if (kind === "nothing") {
      say(this.note, _(facts.why));
      return;
    }
    if (kind === "values") {
      say(this.note, facts.ahead ? forecastOf(reading, step, token) : "");
      this.amounts.update(reading, step);
      return;
    }
    const expected = reading.expected(step);
    const known = expected.some((one) => Number.isFinite(one.chance));
    this.table.hidden = !known;
    const compared = held ? _("Change because of what is held") : _("Change since the last step");
    if (this.change.title !== compared) this.change.title = compared;
    say(this.change, held ? _("with − without") : _("change"));
    this.holder.classList.toggle("compared", held);
    if (held) say(this.note, _("Bars: with what is held. Marks: without."));
    else say(this.note, known ? surpriseAt(reading.surprise(step), step, token, words) : noNumber());
    this.list(reading, step, known ? expected : []);
  }

  /**
   * The tables and their headings for a kind of predictions.
   * @param {string} kind
   * @param {Words} words
   * @param {string} noun
   */
  arrange(kind, words, noun) {
    this.holder.dataset.kind = kind;
    this.table.hidden = kind === "values" || kind === "nothing";
    this.amounts.table.hidden = kind !== "values";
    if (words.column) say(part(this.table, "th", HTMLElement), fill(_(words.column), { token: noun }));
  }

  /**
   * @param {Reading} reading
   * @param {number} step
   * @param {Expected[]} every
   */
  list(reading, step, every) {
    const came = reading.came(step);
    const expected = every.filter((one) => !one.fallen || one.before - one.chance > 0.0005);
    while (this.rows.length < expected.length) {
      const added = row();
      this.rows.push(added);
      this.body.append(added.row);
    }
    for (const [index, one] of expected.entries()) show(this.rows[index], one, one.class === came);
    for (const { row } of this.rows.slice(expected.length)) row.hidden = true;
  }
}

/**
 * @param {number} bits
 * @param {number} step
 * @param {string} token
 * @param {Words} words
 */
function surpriseAt(bits, step, token, { surprise, first }) {
  if (!surprise || !first) return "";
  if (Number.isFinite(bits)) {
    return fill(_(surprise), { token, probability: percent(2 ** -bits), bits: bits.toFixed(1) });
  }
  return step ? "" : _(first);
}

function noNumber() {
  return _("The prediction is not a number: some parameters, or the numbers computed from them, are not numbers.");
}

/**
 * @param {Reading} reading
 * @param {number} step
 * @param {string} token
 */
function forecastOf(reading, step, token) {
  const before = reading.values(step);
  if (!step) return _("Nothing was forecast for the first step.");
  const forecast = before.map((one) => fixed(one.before, one.digits)).join(", ");
  return fill(_("The forecast for “{token}” was {forecast}."), { token, forecast });
}

function row() {
  const [name, now, then] = [make("th", { scope: "row" }), make("i", { class: "now" }), make("i", { class: "then" })];
  const bar = make("td", {}, make("span", { class: "chance" }, now, then));
  const [share, change] = [make("td", { class: "percent" }), make("td", { class: "change" })];
  return { row: make("tr", {}, name, bar, share, change), name, now, then, share, change };
}

/**
 * @param {Row} row
 * @param {Expected} expected
 * @param {boolean} came
 */
function show({ row, name, now, then, share, change }, { label, chance, before, fallen }, came) {
  row.hidden = false;
  row.classList.toggle("fallen", fallen);
  row.classList.toggle("came", came);
  say(name, label);
  name.title = came ? fill(_("{token}: this one came next"), { token: label }) : label;
  now.style.width = `${((chance || 0) * 100).toFixed(2)}%`;
  then.hidden = !Number.isFinite(before);
  then.style.left = `${((before || 0) * 100).toFixed(2)}%`;
  say(share, percent(chance));
  const points = (chance - before) * 100;
  say(
    change,
    !Number.isFinite(points)
      ? ""
      : Math.abs(points) < 0.05
        ? "±0"
        : `${points > 0 ? "▲" : "▼"} ${fixed(Math.abs(points), 1)}`,
  );
  change.classList.toggle("up", points >= 0.05);
  change.classList.toggle("down", points <= -0.05);
}
