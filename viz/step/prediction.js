// What the model says after a step, and what the token just read has changed in that.

import { fixed, make, percent, say } from "../browser/format.js";
import { Amounts } from "./amounts.js";

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
  constructor(holder) {
    this.holder = holder;
    this.heading = holder.querySelector("h3");
    this.note = holder.querySelector(".surprise");
    this.table = holder.querySelector("table.chances");
    this.rows = this.table.querySelector("tbody");
    this.amounts = new Amounts(holder.querySelector("table.amounts"));
  }

  update(reading, step, { token, context }) {
    const { says } = reading;
    const numbers = says === "values";
    const words = WORDS[numbers && reading.facts.ahead ? "forecast" : says];
    if (this.holder.dataset.says !== says) this.arrange(says, words);
    if (says === "nothing") {
      say(this.heading, "What does it say?");
      say(this.note, reading.facts.why);
      return;
    }
    say(this.heading, `${words.asks} “${context}”?`);
    if (numbers) {
      say(this.note, forecastOf(reading, step, token));
      this.amounts.update(reading, step);
      return;
    }
    const expected = reading.expected(step);
    const known = expected.some((one) => Number.isFinite(one.chance));
    this.table.hidden = !known;
    say(this.note, known ? surpriseAt(reading.surprise(step), step, token, words) : NO_NUMBER);
    this.list(reading, step, known ? expected : []);
  }

  /** The furniture for a kind of saying. */
  arrange(says, words) {
    this.holder.dataset.says = says;
    this.table.hidden = says === "values" || says === "nothing";
    this.amounts.table.hidden = says !== "values";
    if (!words.columns) return;
    const [name, , chance] = this.table.querySelectorAll("thead th");
    say(name, words.columns[0]);
    say(chance, words.columns[1]);
  }

  list(reading, step, every) {
    const came = reading.came(step);
    const expected = every.filter((one) => !one.fallen || one.before - one.chance > 0.0005);
    while (this.rows.children.length < expected.length) this.rows.append(row());
    for (const [index, one] of expected.entries()) show(this.rows.children[index], one, one.class === came);
    for (let index = expected.length; index < this.rows.children.length; index++)
      this.rows.children[index].hidden = true;
  }
}

function surpriseAt(bits, step, token, { chance, first }) {
  if (!first) return "";
  if (Number.isFinite(bits))
    return `“${token}” itself was a surprise of ${bits.toFixed(1)} bits (${chance} ${percent(2 ** -bits)}).`;
  return step ? "" : first;
}

function forecastOf(reading, step, token) {
  if (!reading.facts.ahead) return "";
  const before = reading.values(step);
  if (!step) return "Nothing was forecast of the first step.";
  return `“${token}” itself had been forecast as ${before.map((one) => fixed(one.before, one.digits)).join(", ")}.`;
}

function row() {
  const bar = make("span", { class: "chance" }, make("i", { class: "now" }), make("i", { class: "then" }));
  return make(
    "tr",
    {},
    make("th", { scope: "row" }),
    make("td", {}, bar),
    make("td", { class: "percent" }),
    make("td", { class: "change" }),
  );
}

function show(element, { label, chance, before, fallen }, came) {
  element.hidden = false;
  element.classList.toggle("fallen", fallen);
  element.classList.toggle("came", came);
  const [name, bar, share, change] = element.children;
  say(name, label);
  name.title = came ? `${label}: this one came next` : label;
  const [now, then] = bar.firstChild.children;
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
