// Moving: buttons, keys, the scrubber and playing. Knows steps and units, not what they show.

import { part, say } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";

/** @import { Stage } from "./types" */

const LEAP = 10; // steps of Page Up and Page Down
/** What has a use of its own for arrow keys. */
const ROLES = ["slider", "listbox", "menu", "radiogroup", "tablist", "dialog"];
const OWN_ARROWS = ["input", "select", "textarea", "[contenteditable]", ...ROLES.map((role) => `[role=${role}]`)];

export class Transport {
  /**
   * @param {HTMLElement} root
   * @param {Stage} stage
   */
  constructor(root, stage) {
    this.stage = stage;
    /** @type {number | null} */
    this.timer = null;
    this.bar = part(root, ".controls", HTMLElement);
    this.range = part(root, ".scrub input", HTMLInputElement);
    this.where = part(root, ".where", HTMLElement);
    this.speed = part(root, ".speed", HTMLSelectElement);
    this.unit = part(root, "input.unit", HTMLInputElement);
    this.play = part(root, ".play", HTMLButtonElement);
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-do]")))
      button.onclick = () => this.act(String(button.dataset.do));
    this.range.oninput = () => {
      this.stop();
      stage.go(Number(this.range.value) - 1);
    };
    this.unit.oninput = () =>
      this.unit.value !== "" && this.unit.checkValidity() && stage.choose(Number(this.unit.value));
    this.unit.onchange = () => {
      this.unit.value = String(stage.unit);
    };
    root.onkeydown = (event) => this.key(event);
    /** @type {(event: KeyboardEvent) => void} */
    this.anywhere = (event) => this.keyAnywhere(event);
    document.addEventListener("keydown", this.anywhere);
  }

  get forward() {
    return this.stage.reverse ? -1 : 1;
  }

  get first() {
    return this.stage.reverse ? this.stage.steps - 1 : 0;
  }

  get last() {
    return this.stage.reverse ? 0 : this.stage.steps - 1;
  }

  /**
   * What a button does. "First" is what this layer reads first.
   * @param {string} what
   */
  act(what) {
    if (what === "play") {
      if (this.playing) this.stop();
      else this.start();
      return;
    }
    this.stop();
    const { step } = this.stage;
    /** @type {Record<string, number>} */
    const places = { first: this.first, last: this.last, back: step - this.forward, forward: step + this.forward };
    this.stage.go(places[what]);
  }

  /**
   * Arrows move the mark the way they point, whichever way the layer reads.
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.composedPath()[0];
    const field =
      target instanceof Element && target.closest("input:not([type=range]), select, textarea, [role=slider]");
    const pressable = target instanceof Element && target.matches("button, summary");
    if (field || (pressable && (event.key === " " || event.key === "Enter"))) return;
    const { step, unit, steps } = this.stage;
    /** @type {Record<string, number>} */
    const places = {
      ArrowLeft: step - 1,
      ArrowRight: step + 1,
      PageUp: step - LEAP,
      PageDown: step + LEAP,
      Home: 0,
      End: steps - 1,
    };
    /** @type {Record<string, number>} */
    const units = { ArrowUp: unit - 1, ArrowDown: unit + 1 };
    const [go, choose] = [places[event.key], units[event.key]];
    if (go !== undefined) {
      this.stop();
      this.stage.go(go);
    } else if (choose !== undefined) this.stage.choose(choose);
    else if (event.key === " ") this.act("play");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * Left and Right, which scroll nothing, work wherever nothing else has a use for them.
   * @param {KeyboardEvent} event
   */
  keyAnywhere(event) {
    const target = event.composedPath()[0];
    if (!/^Arrow(Left|Right)$/.test(event.key) || event.defaultPrevented) return;
    if (!(target instanceof Element && target.closest(String(OWN_ARROWS)))) this.key(event);
  }

  get playing() {
    return this.timer !== null;
  }

  start() {
    if (this.stage.step === this.last) this.stage.go(this.first);
    const beat = () => {
      this.timer = setTimeout(beat, 1000 / Number(this.speed.value));
      if (this.stage.waiting) return; // for steps that are on their way
      if (this.stage.step !== this.last) this.stage.go(this.stage.step + this.forward);
      if (this.stage.step === this.last) this.stop();
    };
    this.timer = setTimeout(beat, 1000 / Number(this.speed.value));
    this.dress();
  }

  stop() {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.dress();
    this.stage.resting.soon();
  }

  dress() {
    this.bar.classList.toggle("playing", this.playing);
    const label = this.playing ? _("Pause") : _("Play");
    this.play.setAttribute("aria-label", label);
    say(part(this.play, "span", HTMLElement), label);
  }

  /**
   * Steps are counted from 1 here, as people count.
   * @param {string} token
   */
  update(token) {
    const { step, unit, steps, units } = this.stage;
    this.range.max = String(steps);
    this.range.value = String(step + 1);
    this.unit.max = String(units - 1);
    if (Number(this.unit.value) !== unit || this.unit.value === "") this.unit.value = String(unit);
    const [at, all] = [step + 1, steps].map((one) => one.toLocaleString("en"));
    const where = fill(_("{step} of {steps}: {token}"), { step: at, steps: all, token });
    say(this.where, where);
    this.range.setAttribute("aria-valuetext", where);
  }

  leave() {
    this.stop();
    document.removeEventListener("keydown", this.anywhere);
  }
}
