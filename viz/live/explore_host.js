// Explore in Streamlit: what a run of the page brings, and what the page is told when the reader rests.

import { mount } from "../browser/mount.js";
import { Resting } from "../browser/resting.js";
import { ExploreView } from "./explore_view.js";
import { unitAddress } from "./unit_line.js";
import { absorb, facts, kept } from "./weights.js";

/** @import { Call } from "../browser/types" */
/** @import { Host, Options, View } from "./types" */

const DRAFT = "gatescope-draft"; // in the tab's own storage: a text that a reload came in the middle of

/**
 * What Python sends: the ids of facts, and what changes with each run.
 * @typedef {{ models: string[], dressing: string, lines: string, linked: boolean, options: Options, version: number,
 *   about: string, limit: number, facts: Record<string, unknown> }} Sent
 */

class Here {
  /** @param {HTMLElement} root */
  constructor(root) {
    /** @type {Map<string, (weights: ArrayBuffer) => void>} */
    this.waiting = new Map();
    /** @type {NonNullable<Host["links"]>} */
    this.links = {};
    this.asked = ""; // the lines that the server was asked for
    /** @type {Call<Sent>["setTriggerValue"]} */
    this.trigger = () => {};
    this.root = /** @type {HTMLElement & { gatescope?: ExploreView }} */ (root);
    this.view = new ExploreView(root, {
      weights: (id) => this.weights(id),
      has: (id) => kept(id) !== undefined,
      rest: (options, version) => this.rest(options, version),
      links: this.links,
      open: (page, options, version) => this.rest(options, version, page),
    });
    this.root.gatescope = this.view; // for whoever looks at the page with the browser's own tools
    this.left = new AbortController();
    addEventListener("pagehide", () => this.draft(), { signal: this.left.signal });
    this.resting = new Resting(root, {
      place: () => this.view.options && this.view.version,
      playing: () => false,
      waiting: () => false,
      writing: () => false,
      tell: () => this.view.rest(),
      stop: () => {},
    });
  }

  /** @param {Call<Sent>} call */
  receive({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    absorb(data);
    for (const [id, resolve] of this.waiting) {
      const weights = kept(id);
      if (!weights) continue;
      this.waiting.delete(id);
      resolve(weights);
    }
    const missing = [...data.models, data.dressing].filter((id) => !facts(id));
    if (missing.length) {
      setTriggerValue("wanted", missing);
      return;
    }
    const models = data.models.map(facts);
    const { options, version, about, limit, linked } = data;
    if (linked) this.links.units = ({ layer, unit }) => unitAddress({ model: models[0].name, layer, unit: unit ?? 0 });
    const lines = facts(data.lines);
    this.view.show(/** @type {View} */ ({ ...facts(data.dressing), models, options, version, about, limit, lines }));
    this.ask(data.lines);
    if (version === this.view.version) this.resting.taken();
    this.undraft();
  }

  /** The page is left, perhaps to be loaded again: remember what the server has not heard of. */
  draft() {
    const { view, options } = this.view;
    if (!view || !options || view.options.text === options.text) return;
    sessionStorage.setItem(DRAFT, JSON.stringify({ known: view.options.text, text: options.text }));
  }

  /** Of the same text as then, what was typed after it. */
  undraft() {
    const found = sessionStorage.getItem(DRAFT);
    if (!found) return;
    sessionStorage.removeItem(DRAFT);
    const { known, text } = JSON.parse(found);
    if (this.view.options?.text === known) this.view.change({ text });
  }

  /**
   * @param {string} id
   * @returns {Promise<ArrayBuffer>}
   */
  weights(id) {
    const found = kept(id);
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => {
      if (!this.waiting.has(id)) this.trigger("wanted", [id]);
      this.waiting.set(id, resolve);
    });
  }

  /**
   * What the units do is asked for once all else is here: of two wishes at a moment Streamlit may keep the later one alone.
   * @param {string} lines
   */
  ask(lines) {
    if (!lines || facts(lines) || this.asked === lines || this.waiting.size) return;
    this.asked = lines;
    this.trigger("wanted", [lines]);
  }

  /**
   * @param {Options} options
   * @param {number} version
   * @param {string} [page] that the reader goes to
   */
  rest(options, version, page = "rested") {
    this.resting.knows(version);
    this.resting.open = true;
    this.trigger(page, { options, version, steps: this.view.model?.steps ?? 0 });
  }

  leave() {
    this.left.abort();
    this.view.leave();
    this.resting.leave();
  }
}

export default mount(".explore-view", (root) => new Here(root));
