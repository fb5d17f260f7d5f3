// The text: a field as any other, whose words are read at each key. What it holds is changed from outside only when it
// really is another text, so that the caret stays, and input methods, undo and dictation work.

const MOST_LINES = 3; // that are seen at once

export class TextField {
  /**
   * @param {HTMLTextAreaElement} box
   * @param {() => void} onText
   */
  constructor(box, onText) {
    this.box = box;
    this.given = box.value; // as it came: a field turns CR LF into LF
    this.shows = box.value;
    box.addEventListener("input", () => {
      this.grow();
      onText();
    });
  }

  get text() {
    return this.box.value === this.shows ? this.given : this.box.value;
  }

  set text(text) {
    if (text === this.text) return;
    this.given = text;
    this.box.value = text;
    this.shows = this.box.value;
    this.grow();
  }

  /** How many characters, as people count them, stand before the caret? */
  get caret() {
    return Array.from(this.box.value.slice(0, this.box.selectionStart)).length;
  }

  /**
   * Write at the end, as if it had been typed: undo takes it back.
   * @param {string} text
   */
  append(text) {
    const { box } = this;
    box.focus({ preventScroll: true });
    box.setSelectionRange(box.value.length, box.value.length);
    // Deprecated, and the only way that leaves the field's own undo in order.
    if (!document.execCommand("insertText", false, text))
      box.setRangeText(text, box.value.length, box.value.length, "end");
    box.scrollLeft = box.scrollWidth;
  }

  grow() {
    const lines = Math.min(this.box.value.split("\n").length, MOST_LINES);
    if (this.box.rows !== lines) this.box.rows = lines;
  }
}
