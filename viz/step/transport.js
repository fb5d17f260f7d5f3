// Moving: buttons, keys, the scrubber and playing. Knows steps and units, not what they show.

import { say } from "../browser/format.js";

const LEAP = 10; // steps of Page Up and Page Down

export class Transport {
  /** `stage` has step, unit, steps, units, reverse, waiting, go(step), choose(unit) and rest(). */
  constructor(root, stage) {
    this.stage = stage;
    this.timer = null;
    this.bar = root.querySelector(".controls");
    this.range = root.querySelector(".scrub input");
    this.where = root.querySelector(".where");
    this.speed = root.querySelector(".speed");
    this.unit = root.querySelector("input.unit");
    this.play = root.querySelector(".play");
    for (const button of root.querySelectorAll("[data-do]")) button.onclick = () => this.act(button.dataset.do);
    this.range.oninput = () => this.stop() || stage.go(Number(this.range.value));
    this.unit.oninput = () =>
      this.unit.value !== "" && this.unit.checkValidity() && stage.choose(Number(this.unit.value));
    this.unit.onchange = () => (this.unit.value = String(stage.unit));
    root.onkeydown = (event) => this.key(event);
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

  /** What a button does. "First" is what this layer reads first. */
  act(what) {
    if (what === "play") return this.playing ? this.stop() : this.start();
    this.stop();
    const { step } = this.stage;
    this.stage.go(
      { first: this.first, last: this.last, back: step - this.forward, forward: step + this.forward }[what],
    );
  }

  /** Arrows move the mark the way they point, whichever way the layer reads. */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.composedPath()[0];
    const field = target.matches?.("input:not([type=range]), select");
    const pressable = target.matches?.("button, summary");
    if (field || (pressable && (event.key === " " || event.key === "Enter"))) return;
    const { step, unit, steps } = this.stage;
    const go = {
      ArrowLeft: step - 1,
      ArrowRight: step + 1,
      PageUp: step - LEAP,
      PageDown: step + LEAP,
      Home: 0,
      End: steps - 1,
    }[event.key];
    const choose = { ArrowUp: unit - 1, ArrowDown: unit + 1 }[event.key];
    if (go !== undefined) {
      this.stop();
      this.stage.go(go);
    } else if (choose !== undefined) this.stage.choose(choose);
    else if (event.key === " ") this.act("play");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Left and Right, which scroll nothing, work before anything has the focus. */
  keyAnywhere(event) {
    if (document.activeElement === document.body && /^Arrow(Left|Right)$/.test(event.key)) this.key(event);
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
    if (!this.playing) return false;
    clearTimeout(this.timer);
    this.timer = null;
    this.dress();
    this.stage.rest();
    return false;
  }

  dress() {
    this.bar.classList.toggle("playing", this.playing);
    this.play.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    say(this.play.querySelector("span"), this.playing ? "Pause" : "Play");
  }

  update() {
    const { step, unit, steps, units } = this.stage;
    this.range.max = String(steps - 1);
    this.range.value = String(step);
    this.unit.max = String(units - 1);
    if (Number(this.unit.value) !== unit || this.unit.value === "") this.unit.value = String(unit);
    say(this.where, `step ${step.toLocaleString("en")} of ${(steps - 1).toLocaleString("en")}`);
  }

  leave() {
    this.stop();
    document.removeEventListener("keydown", this.anywhere);
  }
}
