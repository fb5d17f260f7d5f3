// A text of the reader's own, read by the model in the browser: every token in the colour of the unit's value.

import { letters } from "../browser/coloured_tokens.js";
import { part, say } from "../browser/format.js";
import { _ } from "../browser/locale.js";
import { readKnown } from "../live/known_part.js";
import { LiveModel } from "../live/model.js";
import { facts, kept } from "../live/weights.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { ModelFacts } from "../live/types" */
/** @typedef {{ model: string, layer: string, number: number, signal: string, scale: Scale, apart: boolean, text: string }} Asked */

export class OwnText {
  /**
   * @param {HTMLElement} panel
   * @param {(ids: string[]) => void} want asks Python for facts or weights that are not here
   */
  constructor(panel, want) {
    this.box = part(panel, ".text", HTMLTextAreaElement);
    this.note = part(panel, ".note", HTMLElement);
    this.passage = part(panel, ".passage", HTMLElement);
    this.want = want;
    /** @type {Asked | null} */
    this.asked = null;
    /** @type {LiveModel | null} */
    this.model = null;
    this.box.oninput = () => this.read();
  }

  /** @param {Asked} asked */
  show(asked) {
    if (this.asked?.model !== asked.model) {
      this.model = null;
      this.box.value = asked.text;
    }
    this.asked = asked;
    if (!this.model && !this.load(asked.model)) return;
    this.read();
  }

  /**
   * The model, if its facts and weights are here; else they are asked for.
   * @param {string} id
   */
  load(id) {
    const known = /** @type {ModelFacts | undefined} */ (facts(id));
    const weights = known && kept(known.weights);
    if (!known || !weights) {
      say(this.note, _("Fetching the model …"));
      this.want([id, ...(known ? [known.weights] : [])]);
      return false;
    }
    this.model = new LiveModel(known, weights);
    return true;
  }

  read() {
    const { asked, model } = this;
    if (!asked || !model) return;
    say(this.note, readKnown(model, this.box.value));
    const { layer, number, signal, scale, apart } = asked;
    const { units } = model.direction(layer);
    const every = model.signal(layer, signal);
    const values = Float32Array.from({ length: model.steps }, (_value, step) => every[step * units + number]);
    this.passage.classList.toggle("apart", apart);
    this.passage.replaceChildren(...letters(model.tokens.labels, values, scale));
  }

  leave() {
    this.model = null;
  }
}
