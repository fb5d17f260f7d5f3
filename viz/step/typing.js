// The field in which the reader types: one as any other, so that input methods, undo, dictation and screen readers work.
// It is written to only where the server has another text than the reader's own.

import { make, part } from "../browser/format.js";
import { _ } from "../browser/locale.js";
import { TextField } from "../live/text_field.js";

const MOST_LINES = 3;

export class Typing {
  /**
   * @param {HTMLElement} root
   * @param {{ onText: () => void; onRest: () => void; onExample: () => void }} told
   */
  constructor(root, { onText, onRest, onExample }) {
    this.label = part(root, ".typed", HTMLElement);
    this.box = part(this.label, "textarea", HTMLTextAreaElement);
    this.notes = part(root, ".notes", HTMLElement);
    this.onExample = onExample;
    this.composing = false;
    this.field = new TextField(this.box, () => {
      this.grow();
      onText();
    });
    this.box.addEventListener("compositionstart", () => {
      this.composing = true;
    });
    this.box.addEventListener("compositionend", () => {
      this.composing = false;
      onRest();
    });
  }

  get text() {
    return this.field.text;
  }

  /** @param {string} text */
  set text(text) {
    this.field.text = text;
    this.grow();
  }

  /** @param {boolean} shown */
  show(shown) {
    this.label.hidden = !shown;
    this.notes.hidden = !shown;
    if (shown) this.grow();
  }

  /**
   * What there is to say of the text, and whether an example could take its place.
   * @param {string[]} notes
   * @param {boolean} example
   */
  say(notes, example) {
    const button = make("button", { type: "button" }, _("Take an example"));
    button.onclick = this.onExample;
    this.notes.replaceChildren(...notes.map((note) => make("p", {}, note)), ...(example ? [button] : []));
  }

  /** A long line is wrapped, unlike on Explore, whose columns stand below it. */
  grow() {
    const { box } = this;
    if (box.rows === 1 && box.scrollHeight <= box.clientHeight + 2) return;
    box.rows = 1;
    while (box.rows < MOST_LINES && box.scrollHeight > box.clientHeight + 2) box.rows++;
  }
}
