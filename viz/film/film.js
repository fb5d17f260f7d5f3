// The animation of a training: shows one frame, and moves between frames. Playing asks nothing of the server.
//
// What goes back to Python: where the reader rests, and which heatmaps are missing.

import { dress, isDark } from "../browser/colours.js";
import { part, say } from "../browser/format.js";
import { _, fill, speak, wordsOf } from "../browser/locale.js";
import { mount } from "../browser/mount.js";
import { absorb, find } from "../browser/parts.js";
import { Curve } from "./curve.js";
import { Panels } from "./panels.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { Call, Message } from "../browser/types" */
/** @import { Found, Frame, Header } from "./types" */

const BEAT = 500; // ms a frame
const SLOW_BEAT = 1000; // for those who want less motion
const REST = 500; // ms without a move until Python is told, and a screen reader

export default mount(".film", (root) => new Film(root));

class Film {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.showWords = wordsOf(root);
    this.at = -1;
    this.rested = -1;
    /** @type {Frame[]} */
    this.frames = [];
    this.shown = ""; // its header, in JSON
    /** @type {Header | null} */
    this.header = null;
    /** @type {Found} */
    this.found = {};
    /** @type {number | null} */
    this.playing = null;
    /** @type {number | undefined} */
    this.resting = undefined;
    /** @type {Call<Message<Header>>["setTriggerValue"]} */
    this.tell = () => {};
    this.controls = part(root, ".controls", HTMLElement);
    this.range = part(root, ".scrub input", HTMLInputElement);
    this.button = part(root, ".play", HTMLButtonElement);
    this.left = part(root, ".left", HTMLElement);
    this.note = part(root, ".note", HTMLElement);
    this.waiting = part(root, ".waiting", HTMLElement);
    this.status = part(root, ".status", HTMLElement);
    this.spoken = part(root, ".spoken", HTMLElement);
    this.panels = new Panels(root);
    this.curve = new Curve(part(root, ".curve", HTMLElement), { onFrame: (at) => this.jump(at) });
    this.range.oninput = () => this.jump(Number(this.range.value));
    this.button.onclick = () => this.toggle();
    root.onkeydown = (event) => this.key(event);
    part(root, ".panels", HTMLElement).onpointerdown = () => this.range.focus({ preventScroll: true });
  }

  /**
   * A run of the page: take its data, and show the frames if they are complete; otherwise the old ones stay.
   * @param {Call<Message<Header>>} call
   */
  receive({ data, setTriggerValue }) {
    this.tell = setTriggerValue;
    absorb(data);
    const { header } = data;
    speak(header.strings);
    this.showWords();
    this.dress();
    const { found, missing } = find(header.frames.flatMap((frame) => Object.values(frame.parts)));
    this.waiting.hidden = !missing;
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
    this.build(header, dress(this.root, header, dark));
    this.draw(header);
  }

  /**
   * Which frame is shown: the same as before in the same animation, otherwise the frame that Python names.
   * @param {Header} header
   */
  place({ frames, at }) {
    const steps = frames.map((frame) => frame.step);
    const same = this.frames.length > 1 && String(steps) === String(this.frames.map((frame) => frame.step));
    if (!same) {
      this.stop();
      this.at = at;
      this.rested = at;
    }
  }

  /**
   * @param {Header} header
   * @param {Record<string, Scale>} scales
   */
  build(header, scales) {
    const { frames } = header;
    this.root.setAttribute("aria-label", header.title);
    this.root.classList.toggle("alone", frames.length < 2);
    if (frames.length < 2) this.controls.remove();
    else this.left.prepend(this.controls);
    this.range.max = String(frames.length - 1);
    say(this.note, header.note);
    this.note.hidden = !header.note;
    this.panels.build(header, scales);
    if (frames.length > 1) this.curve.build(frames, header.losses, header.unit_of_loss);
  }

  /** @param {Header} header */
  draw(header) {
    const frame = this.frames[this.at];
    const moment = describe(header, frame);
    say(this.status, moment);
    this.range.value = String(this.at);
    this.range.setAttribute(
      "aria-valuetext",
      fill(_("{step} of {steps}"), {
        step: frame.step.toLocaleString("en"),
        steps: header.steps.toLocaleString("en"),
      }),
    );
    this.panels.draw(header, frame, this.found, moment);
    if (this.frames.length > 1) this.curve.mark(this.at);
  }

  /** @param {number} at */
  go(at) {
    const to = Math.min(Math.max(at, 0), this.frames.length - 1);
    if (to === this.at || !this.header) return;
    this.at = to;
    this.draw(this.header);
    this.rest();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || this.frames.length < 2) return;
    /** @type {Record<string, number>} */
    const places = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: this.frames.length - 1 };
    const to = places[event.key];
    if (to !== undefined) {
      this.stop();
      this.go(to);
    } else if (event.key === " " && event.composedPath()[0] !== this.button) this.toggle();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * A jump by hand ends playing.
   * @param {number} at
   */
  jump(at) {
    this.stop();
    this.go(at);
  }

  toggle() {
    if (this.playing === null) this.start();
    else this.stop();
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
    if (this.playing === null) return;
    clearInterval(this.playing);
    this.playing = null;
    this.dress();
    this.rest();
  }

  dress() {
    this.root.classList.toggle("playing", this.playing !== null);
    say(part(this.button, "span", HTMLElement), this.playing === null ? _("Play") : _("Pause"));
  }

  /** Tell Python and a screen reader where the reader is, after a short rest; not during playing. */
  rest() {
    clearTimeout(this.resting);
    if (this.playing !== null) return;
    this.resting = setTimeout(() => {
      const frame = this.frames[this.at];
      if (this.header) say(this.spoken, describe(this.header, frame));
      if (this.at === this.rested) return;
      this.rested = this.at;
      this.tell("rested", { step: frame.step });
    }, REST);
  }

  leave() {
    clearInterval(this.playing ?? undefined);
    clearTimeout(this.resting);
    this.panels.leave();
  }
}

/**
 * "step 64 of 3,000 · loss 1.78 bits · bits per character 1.9"; a score that was not measured is left out.
 * @param {Header} header
 * @param {Frame} frame
 */
function describe({ steps, measure, unit_of_loss }, { step, loss, score }) {
  const place = { step: step.toLocaleString("en"), steps: steps.toLocaleString("en") };
  const parts = [fill(_("step {step} of {steps}"), place)];
  parts.push(
    loss === null
      ? _("loss not measured")
      : fill(_("loss {value} {unit}"), { value: Number(loss.toPrecision(4)), unit: unit_of_loss }),
  );
  if (score !== null && measure) parts.push(`${measure} ${Number(score.toPrecision(3))}`);
  return parts.join(" · ");
}
