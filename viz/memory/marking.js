// Marks on the tokens of a text: each is a button that is pressed or not. Python is told shortly after the last change.

import { make, part, say } from "../browser/format.js";
import { _, fill, speak, wordsOf } from "../browser/locale.js";
import { mount } from "../browser/mount.js";

/** @import { Call } from "../browser/types" */
/** @typedef {{ tokens: string[]; marks: string; first: number; apart: boolean; title: string; strings: Record<string, string> }} Data */

const REST = 350; // ms without a change until Python is told
/** @type {Record<string, number>} */
const MOVES = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

export default mount(".marking", (root) => new Marking(root));

class Marking {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.showWords = wordsOf(root);
    this.list = part(root, ".tokens", HTMLElement);
    this.count = part(root, ".count", HTMLElement);
    this.clear = part(root, ".none", HTMLButtonElement);
    /** @type {HTMLButtonElement[]} */
    this.buttons = [];
    this.made = ""; // of which tokens
    this.said = ""; // the marks that Python knows
    this.marks = "";
    /** @type {string | null} */
    this.painting = null; // the sign that a drag gives
    /** @type {number | undefined} */
    this.resting = undefined;
    /** @type {Call<Data>["setTriggerValue"]} */
    this.tell = () => {};
    this.touched = false;
    // A mouse marks when it is pressed, and goes on over others; a finger, which may scroll, by a tap. Keys and screen readers click.
    this.list.onclick = (event) => {
      if (this.touched || event.detail === 0) this.toggle(this.at(event.target));
    };
    this.list.onpointerdown = (event) => this.press(event);
    this.list.onpointerover = (event) => {
      if (this.painting !== null) this.set(this.at(event.target), this.painting);
    };
    this.list.onkeydown = (event) => this.key(event);
    this.release = () => {
      this.painting = null;
    };
    addEventListener("pointerup", this.release);
    addEventListener("pointercancel", this.release);
    this.clear.onclick = () => this.change("0".repeat(this.buttons.length));
  }

  /** @param {Call<Data>} call */
  receive({ data, setTriggerValue }) {
    this.tell = setTriggerValue;
    speak(data.strings);
    this.showWords();
    this.list.setAttribute("aria-label", data.title);
    this.list.classList.toggle("apart", data.apart);
    const made = JSON.stringify([data.first, data.tokens]);
    if (made !== this.made) this.build(data);
    this.made = made;
    if (data.marks !== this.said) {
      this.said = data.marks;
      this.marks = data.marks;
      clearTimeout(this.resting);
    }
    this.draw();
  }

  /** @param {Data} data */
  build({ tokens, first, marks }) {
    this.said = marks;
    this.marks = marks;
    this.buttons = tokens.map((token, at) => {
      const name = fill(_("“{token}” at {place}"), { token, place: first + at });
      const options = { type: "button", "aria-label": name, tabindex: at ? -1 : 0, "data-at": at };
      return make("button", options, token);
    });
    this.list.replaceChildren(...this.buttons);
  }

  draw() {
    this.buttons.forEach((button, at) => {
      button.setAttribute("aria-pressed", String(this.marks[at] === "1"));
    });
    const count = this.marks.replaceAll("0", "").length;
    say(this.count, fill(_("{count} of {all} marked"), { count, all: this.buttons.length }));
    this.clear.disabled = !count;
  }

  /** @param {EventTarget | null} target */
  at(target) {
    const button = target instanceof HTMLElement ? target.closest("button") : null;
    return button ? this.buttons.indexOf(button) : -1;
  }

  /** @param {PointerEvent} event */
  press(event) {
    const at = this.at(event.target);
    this.touched = event.pointerType === "touch";
    if (at < 0 || event.button || this.touched) return;
    this.painting = this.marks[at] === "1" ? "0" : "1";
    this.set(at, this.painting);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = MOVES[event.key];
    const at = this.at(event.target);
    if (!by || at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const to = this.buttons[Math.min(Math.max(at + by, 0), this.buttons.length - 1)];
    this.buttons[at].tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  }

  /** @param {number} at */
  toggle(at) {
    if (at >= 0) this.set(at, this.marks[at] === "1" ? "0" : "1");
  }

  /**
   * @param {number} at
   * @param {string} sign
   */
  set(at, sign) {
    if (at >= 0 && this.marks[at] !== sign) this.change(this.marks.slice(0, at) + sign + this.marks.slice(at + 1));
  }

  /** @param {string} marks */
  change(marks) {
    this.marks = marks;
    this.draw();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.said = this.marks;
      this.tell("marked", this.marks);
    }, REST);
  }

  leave() {
    clearTimeout(this.resting);
    removeEventListener("pointerup", this.release);
    removeEventListener("pointercancel", this.release);
  }
}
