// The film of a training: one frame of it, and what moves it. Playing asks nothing of the server.
//
// What goes back to Python: where the reader rests, and which pictures are missing.

import { dress, isDark } from "../browser/colours.js";
import { say } from "../browser/format.js";
import { mount } from "../browser/mount.js";
import { absorb, find } from "../browser/parts.js";
import { Curve } from "./curve.js";
import { Panels } from "./panels.js";

const BEAT = 500; // ms a frame
const SLOW_BEAT = 1000; // for those who want less motion
const REST = 500; // ms without a move until Python is told, and a screen reader

export default mount(".film", (root) => new Film(root));

class Film {
  constructor(root) {
    this.root = root;
    this.at = -1;
    this.frames = [];
    this.playing = null;
    this.controls = root.querySelector(".controls");
    this.range = root.querySelector(".scrub input");
    this.button = root.querySelector(".play");
    this.panels = new Panels(root);
    this.curve = new Curve(root.querySelector(".curve"), { onFrame: (at) => this.stop() || this.go(at) });
    this.range.oninput = () => this.stop() || this.go(Number(this.range.value));
    this.button.onclick = () => (this.playing ? this.stop() : this.start());
    root.onkeydown = (event) => this.key(event);
    root.querySelector(".panels").onpointerdown = () => this.range.focus({ preventScroll: true });
  }

  /** A run of the page: take what came with it, and show it if all of it is there; else what was shown stays. */
  receive({ data, setTriggerValue }) {
    this.tell = setTriggerValue;
    absorb(data);
    const { header } = data;
    const { found, missing } = find(header.frames.flatMap((frame) => Object.values(frame.parts)));
    this.root.querySelector(".waiting").hidden = !missing;
    if (missing) {
      this.tell("missing", missing);
      return;
    }
    const dark = isDark(this.root);
    const shown = JSON.stringify([header, dark]);
    if (shown === this.shown) return;
    this.shown = shown;
    this.place(header);
    this.header = header;
    this.frames = header.frames;
    this.found = found;
    this.scales = dress(this.root, header, dark);
    this.build();
    this.draw();
  }

  /** Which frame is shown: the one that was, on the same film; else the one that Python names. */
  place({ frames, at }) {
    const steps = frames.map((frame) => frame.step);
    const same = this.frames.length > 1 && String(steps) === String(this.frames.map((frame) => frame.step));
    if (!same) {
      this.stop();
      this.at = at;
      this.rested = at;
    }
  }

  build() {
    const { header, frames } = this;
    this.root.setAttribute("aria-label", header.title);
    this.root.classList.toggle("alone", frames.length < 2);
    if (frames.length < 2) this.controls.remove();
    else this.root.querySelector(".left").prepend(this.controls);
    this.range.max = String(frames.length - 1);
    const note = this.root.querySelector(".note");
    say(note, header.note);
    note.hidden = !header.note;
    this.panels.build(header, this.scales);
    if (frames.length > 1) this.curve.build(frames, header.losses);
  }

  draw() {
    const frame = this.frames[this.at];
    const said = this.said(frame);
    say(this.root.querySelector(".status"), said);
    this.range.value = String(this.at);
    this.range.setAttribute(
      "aria-valuetext",
      `${frame.step.toLocaleString("en")} of ${this.header.steps.toLocaleString("en")}`,
    );
    this.panels.draw(frame, this.found, said);
    if (this.frames.length > 1) this.curve.mark(this.at);
  }

  /** "step 64 of 3,000 · loss 1.234 · nats per character 1.3"; what was not measured is left out. */
  said({ step, loss, score }) {
    const parts = [`step ${step.toLocaleString("en")} of ${this.header.steps.toLocaleString("en")}`];
    parts.push(loss === null ? "loss not measured" : `loss ${Number(loss.toPrecision(4))}`);
    if (score !== null && this.header.measure) parts.push(`${this.header.measure} ${Number(score.toPrecision(3))}`);
    return parts.join(" · ");
  }

  go(at) {
    const to = Math.min(Math.max(at, 0), this.frames.length - 1);
    if (to === this.at) return;
    this.at = to;
    this.draw();
    this.rest();
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || this.frames.length < 2) return;
    const to = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: this.frames.length - 1 }[event.key];
    if (to !== undefined) {
      this.stop();
      this.go(to);
    } else if (event.key === " " && event.composedPath()[0] !== this.button) this.button.onclick();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  start() {
    if (this.at === this.frames.length - 1) this.go(0);
    clearTimeout(this.resting);
    const pause = matchMedia("(prefers-reduced-motion: reduce)").matches ? SLOW_BEAT : BEAT;
    this.playing = setInterval(() => {
      this.go(this.at + 1);
      if (this.at >= this.frames.length - 1) this.stop();
    }, pause);
    this.dress();
  }

  stop() {
    if (this.playing === null) return false;
    clearInterval(this.playing);
    this.playing = null;
    this.dress();
    this.rest();
    return false;
  }

  dress() {
    this.root.classList.toggle("playing", this.playing !== null);
    say(this.button.querySelector("span"), this.playing === null ? "Play" : "Pause");
  }

  /** Tell Python and a screen reader where the reader is, once they have been there for a while; not while it plays. */
  rest() {
    clearTimeout(this.resting);
    if (this.playing !== null) return;
    this.resting = setTimeout(() => {
      const frame = this.frames[this.at];
      say(this.root.querySelector(".spoken"), this.said(frame));
      if (this.at === this.rested) return;
      this.rested = this.at;
      this.tell("rested", { step: frame.step });
    }, REST);
  }

  leave() {
    clearInterval(this.playing);
    clearTimeout(this.resting);
    this.panels.leave();
  }
}
