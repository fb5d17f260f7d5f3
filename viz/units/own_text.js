// A text of the reader's own, read by the model in the browser: every token in the colour of the unit's value.

import { letters } from "../browser/coloured_tokens.js";
import { Scale } from "../browser/colours.js";
import { fixed, part, say } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";
import { readKnown } from "../live/known_part.js";
import { LiveModel } from "../live/model.js";
import { shareOf } from "../live/prediction_answer.js";
import { endsOf } from "../live/scale_ends.js";
import { facts, kept } from "../live/weights.js";

/** @import { Ends, Signal } from "../browser/types" */
/** @import { ModelFacts } from "../live/types" */
/** @typedef {{ model: string, layer: string, number: number, signal: Signal, dark: boolean, apart: boolean, text: string }} Asked */

export class OwnText {
  /**
   * @param {HTMLElement} panel
   * @param {(ids: string[]) => void} want asks Python for facts or weights that are not here
   * @param {(ends: Ends) => void} onEnds is told where the scale of the text's own values ends
   */
  constructor(panel, want, onEnds) {
    this.box = part(panel, ".text", HTMLTextAreaElement);
    this.note = part(panel, ".note", HTMLElement);
    this.passage = part(panel, ".passage", HTMLElement);
    this.share = part(panel, ".share", HTMLElement);
    this.want = want;
    this.onEnds = onEnds;
    /** @type {Asked | null} */
    this.asked = null;
    /** @type {LiveModel | null} */
    this.model = null;
    this.box.oninput = () => this.read();
    this.passage.onpointerover = this.passage.onclick = (event) => this.point(event.target);
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
    const { layer, number, signal, dark, apart } = asked;
    const { units } = model.direction(layer);
    const every = model.signal(layer, signal.name);
    const values = Float32Array.from({ length: model.steps }, (_value, step) => every[step * units + number]);
    const ends = endsOf(signal, [values]); // a text may move a unit by a hundredth of what a corpus does
    const scale = new Scale(ends, signal.scale[dark ? "dark" : "light"]);
    this.onEnds(ends);
    this.passage.classList.toggle("apart", apart);
    this.passage.replaceChildren(...letters(model.tokens.labels, values, scale));
    this.sayShare(model.steps - 1);
  }

  /** @param {EventTarget | null} target */
  point(target) {
    const letter = target instanceof Element ? target.closest("[data-value]") : null;
    if (letter) this.sayShare(Array.from(this.passage.querySelectorAll("[data-value]")).indexOf(letter));
  }

  /**
   * What the unit adds to the prediction after this step.
   * @param {number} step
   */
  sayShare(step) {
    const { asked, model } = this;
    if (!asked || !model) return;
    const found =
      step >= 0 && step < model.steps ? shareOf(model, step, { layer: asked.layer, unit: asked.number }) : null;
    if (!found) return say(this.share, "");
    const { name, product, rank, count } = found;
    const values = {
      token: model.tokens.labels[step],
      name,
      product: `${product > 0 ? "+" : ""}${fixed(product, 2)}`,
      rank,
      count,
    };
    const sentence =
      model.facts.config.readout.kind === "values"
        ? _("After “{token}” this unit adds {product} to the output “{name}” (rank {rank} of {count} units by size).")
        : _(
            "After “{token}” the model expects “{name}”, and this unit adds {product} to its logit (rank {rank} of {count} units by size).",
          );
    say(this.share, fill(sentence, values));
  }

  leave() {
    this.model = null;
  }
}
