// One unit: where it is high, low and in between over a corpus, a text of the reader's own, and what is known of it in numbers.

import { dress, isDark } from "../browser/colours.js";
import { fixed, part, say } from "../browser/format.js";
import { _, fill, speak, wordsOf } from "../browser/locale.js";
import { mount } from "../browser/mount.js";
import { Tabs } from "../live/tabs.js";
import { absorb } from "../live/weights.js";
import { followed, opened, spread, trained, worth, written } from "./facts.js";
import { OwnText } from "./own_text.js";
import { drawGroups } from "./passages.js";

/** @import { Call, Ends } from "../browser/types" */
/** @import { Scale } from "../browser/colours.js" */
/** @import { Data, Place, Unit } from "./types" */

/**
 * The address at which Explore opens a place, for a tab of its own.
 * @param {string} model
 * @param {Unit} unit
 */
function addressOf(model, { layer, unit }) {
  return (/** @type {Place} */ { text, span, step }) =>
    `explore?${new URLSearchParams({ model, layer, unit: String(unit), text, lines: String(text.includes("\n")), span: span.join("-"), step: String(step), find: "true" })}`;
}

class UnitView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.showWords = wordsOf(root);
    this.facts = part(root, ".facts", HTMLElement);
    this.tip = part(root, ".tip", HTMLElement);
    this.drawn = "";
    /** @type {Call<Data>["setTriggerValue"]} */
    this.tell = () => {};
    this.own = new OwnText(
      part(root, "#passages-own", HTMLElement),
      (ids) => this.tell("wanted", ids),
      (ends) => this.sayEnds(ends),
    );
    this.tabs = new Tabs(part(root, ".tabs", HTMLElement), root, () => this.openOwn());
    const read = part(root, ".read", HTMLElement);
    read.onpointerover = (event) => this.point(event.target);
    read.onpointerleave = () => {
      this.tip.hidden = true;
    };
  }

  /** @param {Call<Data>} call */
  receive({ data, setTriggerValue }) {
    this.tell = setTriggerValue;
    absorb({ ...data });
    speak(data.strings);
    this.showWords();
    const dark = isDark(this.root);
    const drawn = `${data.id} ${dark}`;
    if (drawn !== this.drawn) this.draw(data, dark);
    this.drawn = drawn;
    this.data = data;
    this.openOwn();
  }

  /**
   * @param {Data} data
   * @param {boolean} dark
   */
  draw({ unit, apart, signals, themes, name: model }, dark) {
    const scale = dress(this.root, { signals, themes }, dark)[unit.signal];
    const signal = signals.find(({ name }) => name === unit.signal) ?? signals[0];
    say(
      part(this.root, ".what", HTMLElement),
      fill(_("Coloured by the {signal}"), { signal: signal.title.toLowerCase() }),
    );
    this.sayEnds(signal.limits);
    part(this.root, ".ramp", HTMLElement).style.background = scale.ramp;
    this.drawPassages(unit, { scale, apart, address: addressOf(model, unit) });
    const onUnit = (/** @type {number} */ other) => this.tell("unit", other);
    const blocks = [
      followed(unit),
      spread(unit, signal),
      written(unit),
      worth(unit, onUnit),
      opened(unit, onUnit),
      trained(unit),
    ];
    this.facts.replaceChildren(...blocks.filter((one) => one !== null));
  }

  /**
   * @param {Unit} unit
   * @param {{ scale: Scale, apart: boolean, address: (place: Place) => string }} drawn
   */
  drawPassages({ lists }, drawn) {
    const nothing = lists ? _("The text is too short for a passage here.") : _("Reading the held-out text once …");
    const onPlace = (/** @type {Place} */ place) => this.tell("place", place);
    for (const name of /** @type {("fifths" | "top" | "bottom")[]} */ (["fifths", "top", "bottom"]))
      drawGroups(part(this.root, `#passages-${name}`, HTMLElement), lists?.[name] ?? [], {
        ...drawn,
        nothing,
        onPlace,
      });
    if (!lists) return;
    const fifths = lists.fifths.some(({ passages }) => passages.length);
    part(this.root, "#tab-fifths", HTMLElement).hidden = !fifths; // of a short text the highest passages are all there is
    part(this.root, "#tab-bottom", HTMLElement).hidden = !lists.bottom.some(({ passages }) => passages.length);
    if (!fifths && this.tabs.name === "fifths") this.tabs.show("top");
  }

  /** The text of the reader's own is read once it is looked at. */
  openOwn() {
    const { data } = this;
    const signal = data?.signals.find(({ name }) => name === data.unit.signal);
    if (!data || !signal) return;
    if (this.tabs.name !== "own") return this.sayEnds(signal.limits);
    this.own.show({ ...data, layer: data.unit.layer, number: data.unit.unit, signal, dark: isDark(this.root) });
  }

  /** @param {Ends} ends of the colour scale */
  sayEnds([low, high]) {
    const digits = high < 0.1 ? 2 : high === 1 && low === 0 ? 0 : 1;
    say(part(this.root, ".low", HTMLElement), fixed(low, digits));
    say(part(this.root, ".high", HTMLElement), fixed(high, digits));
  }

  /** @param {EventTarget | null} target */
  point(target) {
    const letter = target instanceof HTMLElement ? target.closest("[data-value]") : null;
    this.tip.hidden = !letter;
    if (!(letter instanceof HTMLElement)) return;
    say(this.tip, `${letter.dataset.token}  ${letter.dataset.value}`);
    const [own, around] = [letter.getBoundingClientRect(), this.root.getBoundingClientRect()];
    this.tip.style.left = `${Math.min(own.left - around.left, around.width - 110)}px`;
    this.tip.style.top = `${own.top - around.top - 24}px`;
  }

  leave() {
    this.own.leave();
  }
}

export default mount(".unit-view", (root) => new UnitView(root));
