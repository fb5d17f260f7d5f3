// What stands around the text: examples, "Write on", "Before training", the measured sentence, and what the model is.

import { make, part, say } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";
import { found, sentence } from "./finding.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Signal } from "../browser/types" */
/** @import { LiveModel } from "./model.js" */
/** @import { ModelFacts, Options } from "./types" */

/**
 * @typedef {{ onExample: (text: string) => void, onGenerate: () => void, onBefore: (before: boolean) => void }} Told
 */

export class Bar {
  /**
   * @param {HTMLElement} root
   * @param {Told} told
   */
  constructor(root, { onExample, onGenerate, onBefore }) {
    this.root = root;
    this.examples = part(root, ".examples", HTMLSelectElement);
    this.generate = part(root, ".generate", HTMLButtonElement);
    this.before = part(root, ".before input", HTMLInputElement);
    this.found = part(root, ".found", HTMLElement);
    this.note = part(root, ".note", HTMLElement);
    this.about = part(root, ".why .about", HTMLElement);
    /** @type {Record<string, string>} */
    this.texts = {};
    /** @type {Record<string, Scale>} */
    this.ramps = {};
    this.examples.onchange = () => {
      const text = this.texts[this.examples.value];
      if (text !== undefined) onExample(text);
    };
    this.generate.onclick = onGenerate;
    this.before.onchange = () => onBefore(this.before.checked);
  }

  /**
   * For another model.
   * @param {ModelFacts} facts
   * @param {boolean} untrained is it known before training?
   */
  offer({ examples, to_type }, untrained) {
    this.texts = examples;
    const titles = Object.keys(examples);
    const first = make("option", { value: "", disabled: "", selected: "" }, _("Examples"));
    this.examples.replaceChildren(first, ...titles.map((title) => make("option", { value: title }, title)));
    this.examples.hidden = !titles.length;
    part(this.root, ".text", HTMLTextAreaElement).placeholder = to_type;
    part(this.root, ".before", HTMLElement).hidden = !untrained;
  }

  /**
   * The measured sentence, and what is to be said of the text.
   * @param {LiveModel} model
   * @param {{ layer: string, signals: Signal[], scales: Record<string, Scale>, options: Options, note: string }} shown
   */
  show(model, { layer, signals, scales, options, note }) {
    const { facts, steps } = model;
    const best = found(model, layer, signals);
    const empty = fill(_("Type a text above, or pick an example, to see every gate at every {token}."), {
      token: facts.nouns[0],
    });
    say(this.found, !steps ? empty : best ? sentence(best) : facts.summary);
    say(this.note, note);
    this.explain(facts);
    this.before.checked = options.before;
    this.generate.disabled = Boolean(facts.obstacle) || !steps;
    this.generate.title = facts.obstacle || _("Let the model write 20 tokens from what it predicts");
    this.legend(signals, scales);
  }

  /** @param {ModelFacts} facts */
  explain({ title, reads, look_for }) {
    const rule = _(
      "The sentence is measured on this text: of all gates and kinds of tokens, the pair whose mean over all units differs most from elsewhere.",
    );
    const lines = [`${title}: ${reads}.`.replaceAll("**", ""), look_for, rule].filter(Boolean);
    if (this.about.textContent !== lines.join(""))
      this.about.replaceChildren(...lines.map((line) => make("p", {}, line)));
  }

  /**
   * @param {Signal[]} signals
   * @param {Record<string, Scale>} scales
   */
  legend(signals, scales) {
    for (const [place, gate] of /** @type {[string, boolean][]} */ ([
      [".gates", true],
      [".signs", false],
    ])) {
      const own = signals.find((signal) => signal.gate === gate);
      const holder = part(this.root, place, HTMLElement);
      holder.hidden = !own;
      if (!own || this.ramps[place] === scales[own.name]) continue;
      this.ramps[place] = scales[own.name];
      part(holder, ".ramp", HTMLElement).style.background = scales[own.name].ramp;
    }
  }
}
