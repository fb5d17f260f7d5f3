// A live view in a notebook's cell: JupyterLab, VS Code, Colab and marimo give a model of traits and an element (anywidget).

import { make, part } from "../browser/format.js";
import { ExploreView } from "./explore_view.js";
import { recordedModel } from "./recorded.js";

/** @import { Recorded } from "./recorded.js" */
/** @import { ModelFacts, Options, View } from "./types" */

/**
 * What is synchronised with Python (viz/notebook.py).
 * @typedef {{ view: View, options: Options, weights: Record<string, DataView>, recorded: Recorded | null, page: string }} Traits
 */

/**
 * @typedef {object} Model
 * @property {<Name extends keyof Traits>(name: Name) => Traits[Name]} get
 * @property {<Name extends keyof Traits>(name: Name, value: Traits[Name]) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, act: () => void) => void} on
 * @property {(event: string, act: () => void) => void} off
 */

const DARK = 0.4; // share of white of a dark background, at most

class Cell {
  /**
   * @param {Model} model
   * @param {HTMLElement} element
   */
  constructor(model, element) {
    this.model = model;
    // JupyterLab's keys, such as D D for deleting a cell, are not meant while someone types here.
    this.place = make("div", { "data-lm-suppress-shortcuts": "true" });
    element.append(this.place);
    const root = this.place.attachShadow({ mode: "open" });
    root.innerHTML = model.get("page"); // ours: no text of anybody is in it
    this.ground = part(root, ".ground", HTMLElement);
    this.place.addEventListener("keydown", (event) => event.stopPropagation());
    this.view = new ExploreView(part(root, ".explore-view", HTMLElement), {
      weights: async (id) => bytesOf(model.get("weights")[id]),
      has: (id) => id in model.get("weights"),
      model: model.get("recorded") ? async (facts) => this.recorded(facts) : undefined,
      rest: (options) => this.tell(options),
    });
    this.own = false; // is a change of the options ours?
    this.changed = () => this.own || this.show();
    model.on("change:options", this.changed);
    this.watch = new MutationObserver(() => this.darken());
    for (const node of [document.documentElement, document.body]) this.watch.observe(node, { attributes: true });
    this.dark = isDarkAround(this.place);
    this.show();
  }

  /** @param {ModelFacts} facts */
  recorded(facts) {
    return recordedModel(facts, /** @type {Recorded} */ (this.model.get("recorded")));
  }

  /** @param {Options} options */
  tell(options) {
    this.own = true;
    this.model.set("options", structuredClone(options));
    this.model.save_changes();
    this.own = false;
  }

  darken() {
    const dark = isDarkAround(this.place);
    if (dark === this.dark) return;
    this.dark = dark;
    this.show();
  }

  show() {
    this.ground.classList.toggle("dark", this.dark);
    this.ground.classList.toggle("light", !this.dark);
    const [first, ...others] = this.model.get("view").models;
    const models = [first, ...others.map((one) => ({ ...first, ...one }))];
    this.view.show({ ...this.model.get("view"), models, options: structuredClone(this.model.get("options")) });
  }

  leave() {
    this.view.leave();
    this.watch.disconnect();
    this.model.off("change:options", this.changed);
  }
}

/** @param {DataView} view */
function bytesOf({ buffer, byteOffset, byteLength }) {
  return /** @type {ArrayBuffer} */ (buffer.slice(byteOffset, byteOffset + byteLength));
}

/**
 * Is the notebook dark? By the first background around an element that is not transparent.
 * @param {Element} element
 */
function isDarkAround(element) {
  for (let one = /** @type {Element | null} */ (element); one; one = one.parentElement) {
    const parts =
      getComputedStyle(one)
        .backgroundColor.match(/[\d.]+/g)
        ?.map(Number) ?? [];
    if (parts.length >= 3 && (parts[3] ?? 1) > 0.5) return (parts[0] + parts[1] + parts[2]) / 765 < DARK;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

export default {
  /** @param {{ model: Model, el: HTMLElement }} given */
  render({ model, el }) {
    const cell = new Cell(model, el);
    return () => cell.leave();
  },
};
