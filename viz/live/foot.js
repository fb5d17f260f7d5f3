// The controls below the picture: layer, signals, which rows and in which order, zoom, unit and step.

import { make, part, say } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";
import { TELLING } from "./ordering.js";

/** @import { Signal } from "../browser/types" */
/** @import { Options } from "./types" */

/**
 * What the controls show.
 * @typedef {{ options: Options, layer: string, layers: string[], signals: Signal[], unit: number, units: number, step: number,
 *   steps: number, shown: [start: number, stop: number] }} State
 */

/**
 * @typedef {{ onChange: (changed: Partial<Options>) => void, onZoom: (how: "in" | "out" | "all") => void }} Told
 */

export class Foot {
  /**
   * @param {HTMLElement} root
   * @param {Told} told
   */
  constructor(root, { onChange, onZoom }) {
    const select = (/** @type {string} */ name) => part(root, `select.${name}`, HTMLSelectElement);
    const input = (/** @type {string} */ name) => part(root, `input.${name}`, HTMLInputElement);
    this.layer = select("layer");
    this.which = select("which");
    this.sort = select("sort");
    this.picked = input("picked");
    this.unit = input("unit");
    this.step = input("step");
    this.signals = part(root, ".signals-shown", HTMLElement);
    this.range = part(root, ".range", HTMLElement);
    this.onChange = onChange;
    this.layer.onchange = () => onChange({ layer: this.layer.value, unit: null });
    this.which.onchange = () => onChange({ which: /** @type {Options["which"]} */ (this.which.value) });
    this.sort.onchange = () => onChange({ sort: /** @type {Options["sort"]} */ (this.sort.value) });
    this.picked.onchange = () => onChange({ units: (this.picked.value.match(/\d+/g) ?? []).map(Number) });
    this.unit.onchange = () => onChange({ unit: this.unit.value === "" ? null : this.unit.valueAsNumber });
    this.step.onchange = () => onChange({ step: this.step.value === "" ? null : this.step.valueAsNumber - 1 });
    for (const button of root.querySelectorAll("[data-zoom]")) {
      if (!(button instanceof HTMLButtonElement)) continue;
      button.onclick = () => onZoom(/** @type {"in" | "out" | "all"} */ (button.dataset.zoom));
    }
  }

  /** @param {State} state */
  show({ options, layer, layers, signals, unit, units, step, steps, shown }) {
    this.offerLayers(layers, layer);
    this.offerSignals(signals, options.signals);
    choose(this.which, options.which);
    choose(this.sort, options.sort);
    this.picked.hidden = options.which !== "pick";
    if (!this.picked.matches(":focus")) this.picked.value = options.units.join(" ");
    this.unit.max = String(units - 1);
    this.step.max = String(steps);
    if (!this.unit.matches(":focus")) this.unit.value = String(unit);
    if (!this.step.matches(":focus")) this.step.value = steps ? String(step + 1) : "";
    say(
      this.which.options[0],
      units > TELLING ? fill(_("most telling ({count} of {units})"), { count: TELLING, units }) : _("most telling"),
    );
    const range = steps ? fill(_("{from} to {to} of {steps}"), { from: shown[0] + 1, to: shown[1], steps }) : "";
    say(this.range, range);
  }

  /**
   * @param {string[]} layers
   * @param {string} layer
   */
  offerLayers(layers, layer) {
    if (this.layer.options.length !== layers.length || this.layer.options[0]?.value !== layers[0])
      this.layer.replaceChildren(...layers.map((name) => make("option", { value: name }, layerTitle(name))));
    choose(this.layer, layer);
    const label = this.layer.closest("label");
    if (label) label.hidden = layers.length < 2;
  }

  /**
   * @param {Signal[]} signals
   * @param {string[]} chosen none for all
   */
  offerSignals(signals, chosen) {
    const names = signals.map(({ name, title }) => name + title).join();
    if (this.signals.dataset.names !== names) {
      this.signals.dataset.names = names;
      const boxes = signals.map(({ name, title, symbol, colour }) => {
        const box = make("input", { type: "checkbox", value: name, "aria-label": title });
        box.onchange = () => this.choose();
        const label = make("label", { class: "signal-choice", title }, box, make("i", {}, symbol));
        label.style.setProperty("--hue", colour);
        return label;
      });
      this.signals.replaceChildren(make("legend", { class: "unseen" }, _("Signals")), ...boxes);
      this.signals.hidden = signals.length < 2;
    }
    for (const box of this.boxes) box.checked = !chosen.length || chosen.includes(box.value);
  }

  /** @returns {HTMLInputElement[]} */
  get boxes() {
    return Array.from(this.signals.querySelectorAll("input"));
  }

  /** All signals are none in particular; the last one stays. */
  choose() {
    const chosen = this.boxes.filter((box) => box.checked).map((box) => box.value);
    this.onChange({ signals: chosen.length === this.boxes.length ? [] : chosen });
  }
}

/**
 * Select an option, if it is not selected yet: that alone would take the browser a millisecond at every key.
 * @param {HTMLSelectElement} box
 * @param {string} value
 */
function choose(box, value) {
  if (box.value !== value) box.value = value;
}

/** @param {string} name */
export function layerTitle(name) {
  const number = name.replace(/\D/g, "");
  return name.endsWith("_reverse")
    ? fill(_("Layer {number}, reading backwards"), { number })
    : fill(_("Layer {number}"), { number });
}
