// What the model says after a step, and what the token just read has changed in that.

import { fixed, make, part, percent, say } from "../browser/format.js";
import { Amounts } from "./amounts.js";

/** @import { Reading } from "./reading.js" */
/** @import { Expected } from "./types" */
/** @typedef {{ asks?: string; columns?: [name: string, chance: string]; chance?: string; first?: string }} Words */
/** @typedef {Record<"row" | "name" | "now" | "then" | "share" | "change", HTMLElement>} Row */

/** @type {Record<string, Words>} */
const WORDS = {
  next: {
    asks: "What comes after",
    columns: ["next", "chance"],
    chance: "chance",
    first: "Nothing was expected of the first step.",
  },
  legal: {
    asks: "What may come after",
    columns: ["next", "may come"],
    chance: "chance of being allowed",
    first: "Nothing was expected of the first step.",
  },
  labels: { asks: "What does it say after", columns: ["says now", "chance"] },
  values: { asks: "What does it say after" },
  forecast: { asks: "What does it forecast after" },
  nothing: {},
};

const NO_NUMBER =
  "What it says here is no number: some of its weights, or of the numbers that it made of them, are none.";

export class Prediction {
  /** @param {HTMLElement} holder */
  constructor(holder) {
    this.holder = holder;
    this.heading = part(holder, "h3", HTMLElement);
    this.note = part(holder, ".surprise", HTMLElement);
    this.table = part(holder, "table.chances", HTMLTableElement);
    this.body = part(this.table, "tbody", HTMLElement);
    /** @type {Row[]} */
    this.rows = [];
    this.amounts = new Amounts(part(holder, "table.amounts", HTMLTableElement));
  }

  /**
   * @param {Reading} reading
   * @param {number} step
   * @param {{ token: string; context: string }} quoted
   */
  update(reading, step, { token, context }) {
    const { facts } = reading;
    const { says } = facts;
    const words = WORDS[says === "values" && facts.ahead ? "forecast" : says];
    if (this.holder.dataset.says !== says) this.arrange(says, words);
    if (says === "nothing") {
      say(this.heading, "What does it say?");
      say(this.note, facts.why);
      return;
    }
    say(this.heading, `${words.asks} “${context}”?`);
    if (says === "values") {
      say(this.note, facts.ahead ? forecastOf(reading, step, token) : "");
      this.amounts.update(reading, step);
      return;
    }
    const expected = reading.expected(step);
    const known = expected.some((one) => Number.isFinite(one.chance));
    this.table.hidden = !known;
    say(this.note, known ? surpriseAt(reading.surprise(step), step, token, words) : NO_NUMBER);
    this.list(reading, step, known ? expected : []);
  }

  /**
   * The furniture for a kind of saying.
   * @param {string} says
   * @param {Words} words
   */
  arrange(says, words) {
    this.holder.dataset.says = says;
    this.table.hidden = says === "values" || says === "nothing";
    this.amounts.table.hidden = says !== "values";
    if (!words.columns) return;
    const [name, , chance] = this.table.querySelectorAll("thead th");
    say(name, words.columns[0]);
    say(chance, words.columns[1]);
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
function surpriseAt(bits, step, token, { chance, first }) {
  if (!first) return "";
  if (Number.isFinite(bits))
    return `“${token}” itself was a surprise of ${bits.toFixed(1)} bits (${chance} ${percent(2 ** -bits)}).`;
  return step ? "" : first;
}

/**
 * @param {Reading} reading
 * @param {number} step
 * @param {string} token
 */
function forecastOf(reading, step, token) {
  const before = reading.values(step);
  if (!step) return "Nothing was forecast of the first step.";
  return `“${token}” itself had been forecast as ${before.map((one) => fixed(one.before, one.digits)).join(", ")}.`;
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
  name.title = came ? `${label}: this one came next` : label;
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
