// What a unit does, drawn: what it follows, tokens that open and close its gates, and what its output promotes.

import { fixed, make, part } from "../browser/format.js";
import { _, fill, N_ } from "../browser/locale.js";
import { followed, following, gateTokens, LINE, promoted, QUOTED } from "./unit_answer.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Signal } from "../browser/types" */
/** @import { LiveModel } from "./model.js" */
/** @import { Followed, Promoted, Pushed, TokenMean } from "./unit_answer.js" */

/** @typedef {{ model: LiveModel, layer: string, signals: Signal[], scales: Record<string, Scale>, unit: number, step: number }} Shown */

const SOON = 80; // ms: it is for whoever looks at it, not for each key of one who types
const IDLE = 200; // ms: the untrained model reads the text, too, when nobody types

export class UnitFacts {
  /**
   * @param {HTMLElement} holder
   * @param {() => LiveModel | undefined} untrained the model before training, once it is here
   */
  constructor(holder, untrained) {
    this.holder = part(holder, ".facts", HTMLElement);
    this.untrained = untrained;
    this.drawn = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.later = undefined;
  }

  /**
   * Draw this in a moment, if nothing else comes meanwhile.
   * @param {Shown} shown
   */
  paint(shown) {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.draw(shown), this.drawn ? SOON : 0);
  }

  /** @param {Shown} shown */
  draw(shown) {
    const { model, layer, unit, step, signals } = shown;
    if (!model.steps) {
      this.holder.replaceChildren();
      this.drawn = "";
      return;
    }
    const found = followed(model, layer, unit);
    const gates = signals
      .filter(({ gate }) => gate)
      .map((signal) => ({ signal, ...gateTokens(model, layer, unit, signal.name) }));
    const does = promoted(model, layer, unit, step);
    const drawn = JSON.stringify([found, gates, does, _("spaces"), shown.scales[gates[0]?.signal.name]?.css[255]]);
    if (drawn !== this.drawn) {
      const parts = [this.follows(found, signals), ...gatesOf(gates, shown.scales), ...outputOf(does)];
      this.holder.replaceChildren(...parts);
      this.drawn = drawn;
    }
    if (found) this.later = setTimeout(() => this.compare(found, shown), IDLE);
  }

  /**
   * @param {Followed | null} found
   * @param {Signal[]} signals
   */
  follows(found, signals) {
    const state = (signals.find(({ name }) => name === "cell") ?? signals[signals.length - 1]).title.toLowerCase();
    const sentence = found
      ? followedInWords(found, state)
      : fill(_("Nothing stands out in its {state} on this text."), { state });
    this.before = make("span", { class: "before-training" });
    return make("p", { class: "follows" }, make("b", {}, sentence), " ", this.before);
  }

  /**
   * Does the untrained model do it too?
   * @param {Followed} found
   * @param {Shown} shown
   */
  compare(found, { model, layer, unit }) {
    const untrained = this.untrained();
    if (!untrained || untrained === model || !this.before) return;
    untrained.take(model.tokens);
    const { score, too } = following(untrained, layer, unit, found);
    const values = { score: fixed(score, 2) };
    const sentence = too
      ? _("Before training it did so too ({score}): training did not teach it.")
      : _("Before training it did not ({score}).");
    this.before.textContent = fill(sentence, values);
  }
}

/**
 * @param {Followed} found
 * @param {string} state
 */
function followedInWords({ kind, score, sign }, state) {
  const values = { state, kind: _(kind), score: fixed(score, 2) };
  if (kind === LINE) {
    return sign > 0
      ? fill(_("Its {state} rises along the line: correlation {score}."), values)
      : fill(_("Its {state} falls along the line: correlation −{score}."), values);
  }
  if (kind === QUOTED) {
    return sign > 0
      ? fill(_("Its {state} is higher {kind}: AUC {score}."), values)
      : fill(_("Its {state} is lower {kind}: AUC {score}."), values);
  }
  return sign > 0
    ? fill(_("Its {state} is higher at {kind}: AUC {score}."), values)
    : fill(_("Its {state} is lower at {kind}: AUC {score}."), values);
}

/**
 * @param {({ signal: Signal } & ReturnType<typeof gateTokens>)[]} gates
 * @param {Record<string, Scale>} scales
 */
function gatesOf(gates, scales) {
  if (!gates.length) return [];
  if (gates.every(({ open }) => !open.length))
    return [make("p", { class: "faint" }, _("Too few tokens occur twice to say at which its gates open."))];
  return [make("div", { class: "gate-tokens" }, ...gates.map((gate) => gateRow(gate, scales)))];
}

/**
 * @param {{ signal: Signal } & ReturnType<typeof gateTokens>} gate
 * @param {Record<string, Scale>} scales
 */
function gateRow({ signal, open, closed, alike }, scales) {
  const symbol = make("i", { class: "symbol", title: signal.title }, signal.symbol);
  symbol.style.setProperty("--hue", signal.colour);
  const side = (/** @type {TokenMean[]} */ tokens) =>
    make("span", { class: "tokens" }, ...tokens.map((token) => tokenChip(token, scales[signal.name])));
  if (!alike) {
    const titles = [_("most open at"), _("most closed at")].map((title) => make("span", {}, title));
    return make("div", { class: "gate-row" }, symbol, titles[0], side(open), titles[1], side(closed));
  }
  const mean = fixed((open[0].mean + closed[0].mean) / 2, 2);
  const sentence = fill(_("about {mean} at all tokens"), { mean });
  return make("div", { class: "gate-row alike" }, symbol, make("span", {}, sentence));
}

/**
 * @param {TokenMean} token
 * @param {Scale} scale
 */
function tokenChip({ label, mean, count }, scale) {
  const chip = make("span", { class: "chip" }, make("kbd", {}, label), fixed(mean, 2));
  chip.title = fill(_("{token}: mean {mean} over {count}"), { token: label, mean: fixed(mean), count });
  chip.style.background = scale.css[scale.level(mean)];
  chip.style.color = scale.ink[scale.level(mean)];
  return chip;
}

/** @param {Promoted} does */
function outputOf(does) {
  if (does.why !== "") return [make("p", { class: "faint" }, indirectInWords(does.why))];
  const { output, silent, numbers, more, less } = does;
  const here = make("p", {}, fill(_(outputInWords(silent, numbers)), { output: fixed(output, 2) }));
  const row = (/** @type {string} */ title, /** @type {Pushed[]} */ every) =>
    make(
      "div",
      { class: "pushed" },
      make("span", {}, title),
      make("span", { class: "tokens" }, ...every.map(pushChip)),
    );
  if (numbers) return [here, ...more.map((one) => row(one.name, [{ ...one, name: "" }]))];
  if (!more.length && !less.length) return [here];
  return [here, row(_("more likely"), more), row(_("less likely"), less)];
}

/**
 * @param {boolean} silent
 * @param {boolean} numbers
 */
function outputInWords(silent, numbers) {
  if (numbers)
    return silent
      ? N_("Its output here is {output}. An output of 1 would add to what the model outputs:")
      : N_("Its output here, {output}, adds to what the model outputs:");
  return silent
    ? N_("Its output here is {output}. An output of 1 would add to these logits:")
    : N_("Its output here, {output}, adds to these logits:");
}

/** @param {Pushed} pushed */
function pushChip({ name, weight, push }) {
  const chip = make("span", { class: "chip push" }, ...(name ? [make("kbd", {}, name)] : []));
  chip.append(`${push > 0 ? "+" : ""}${fixed(push, 2)}`);
  chip.classList.toggle("below", push < 0);
  chip.title = fill(_("readout weight {weight} × its output"), { weight: fixed(weight, 3) });
  return chip;
}

/** @param {Exclude<Promoted["why"], "">} why */
function indirectInWords(why) {
  switch (why) {
    case "nothing":
      return _("This model has no readout, so the unit's output promotes nothing.");
    case "unknown":
      return _("A recording comes without the readout's weights, so what the unit promotes is not known here.");
    case "below":
      return _("The readout does not read this unit directly: only the layers above it do.");
    case "projected":
      return _("The readout does not read this unit directly: its layer projects all units to fewer numbers first.");
    case "product":
      return _("The readout does not read this unit directly: it reads the product with the other direction's unit.");
    case "merged":
      return _(
        "The readout does not read this unit directly: it reads a function of the sum with the other direction's unit.",
      );
  }
}
