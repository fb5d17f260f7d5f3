// What the model expects next, and what the token just read has changed in that.

import { fixed, make, percent, say } from "./format.js";

export class Prediction {
  constructor(holder) {
    this.heading = holder.querySelector("h3");
    this.surprise = holder.querySelector(".surprise");
    this.rows = holder.querySelector("tbody");
  }

  update(reading, step, { token, context }) {
    say(this.heading, `What comes after “${context}”?`);
    const bits = reading.surprise(step);
    say(
      this.surprise,
      Number.isFinite(bits)
        ? `“${token}” itself was a surprise of ${bits.toFixed(1)} bits (chance ${percent(2 ** -bits)}).`
        : "Nothing was expected of the first step.",
    );
    const came = reading.came(step);
    const expected = reading.expected(step).filter((one) => !one.fallen || one.before - one.chance > 0.0005);
    while (this.rows.children.length < expected.length) this.rows.append(row());
    expected.forEach((one, index) => show(this.rows.children[index], one, one.class === came));
    for (let index = expected.length; index < this.rows.children.length; index++) this.rows.children[index].hidden = true;
  }
}

function row() {
  const bar = make("span", { class: "chance" }, make("i", { class: "now" }), make("i", { class: "then" }));
  return make("tr", {}, make("th", { scope: "row" }), make("td", {}, bar), make("td", { class: "percent" }), make("td", { class: "change" }));
}

function show(element, { label, chance, before, fallen }, came) {
  element.hidden = false;
  element.classList.toggle("fallen", fallen);
  element.classList.toggle("came", came);
  const [name, bar, share, change] = element.children;
  say(name, label);
  name.title = came ? "this one came next" : "";
  const [now, then] = bar.firstChild.children;
  now.style.width = `${(chance * 100).toFixed(2)}%`;
  then.hidden = !Number.isFinite(before);
  then.style.left = `${((before || 0) * 100).toFixed(2)}%`;
  say(share, percent(chance));
  const points = (chance - before) * 100;
  say(change, !Number.isFinite(points) ? "" : Math.abs(points) < 0.05 ? "±0" : `${points > 0 ? "▲" : "▼"} ${fixed(Math.abs(points), 1)}`);
  change.classList.toggle("up", points >= 0.05);
  change.classList.toggle("down", points <= -0.05);
}
