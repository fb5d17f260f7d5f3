// A gauge: as full as a gate is open. Where its value can be held it is a slider as well.

import { fixed, say, shape } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";
import { NAMES } from "./kinds.js";
import { indexed, text } from "./symbols.js";

/** @typedef {{ top: number; height: number; width: number }} Size */

const LONG = 4; // characters of an activation's name that stand beside a gauge's symbol
const GRIP = { width: 16, height: 8 }; // beside the gauge: within it, it would hide letters
const MOVE = 0.01; // of the scale, by a key; with Page Up and Page Down ten times as far
const SAME = 0.0005; // that much is no change

export class Gauge {
  /**
   * @param {string} gate
   * @param {number} x of its middle
   * @param {Size} size
   * @param {{ symbol: string; squash: string }} written
   */
  constructor(gate, x, { top, height, width }, { symbol, squash }) {
    this.gate = gate;
    this.signed = gate === "candidate" || gate === "hidden"; // these have their zero at half their height
    this.top = top;
    this.height = height;
    this.reach = 1;
    this.value = Number.NaN;
    /** @type {((value: number | null) => void) | null} */
    this.onHold = null;
    const box = { x: x - width / 2, y: top, width, height, rx: 5 };
    this.group = shape("g", { class: `gauge ${gate}` });
    this.fill = shape("rect", { ...box, rx: 0, class: "fill" });
    this.line = shape("rect", { x: box.x, y: 0, width, height: 2.5, class: "level" });
    this.old = shape("rect", { x: box.x - 4, y: 0, width: width + 8, height: 2, class: "was" });
    this.grip = shape("rect", { x: box.x + width, y: 0, ...GRIP, rx: 3.5, class: "grip" });
    this.empty = shape("rect", { ...box, class: "empty" });
    this.group.append(this.empty, this.fill, this.line, shape("rect", { ...box, class: "edge" }));
    if (this.signed) this.group.append(shape("path", { class: "zero", d: `M${box.x} ${top + height / 2}h${width}` }));
    this.group.append(indexed(symbol, "t", { x: x - 15, y: top + 25, class: "symbol" }));
    const place = squash.length > LONG ? { x, y: top + 42 } : { x: x + (squash.length > 1 ? 13 : 18), y: top + 24 };
    this.group.append(text(squash, { ...place, class: "function" }), this.old);
    this.number = this.group.appendChild(text("", { x, y: top + height / 2 + 8, class: "number" }));
    this.before = this.group.appendChild(text("", { x, y: top + height / 2 + 26, class: "before" }));
    this.group.append(text(_(NAMES[gate]), { x, y: top + height - 10, class: "name" }), this.grip);
    this.old.style.display = "none";
    this.grip.style.display = "none";
  }

  /**
   * @param {number} value
   * @param {number | undefined} was what it is where nothing is held
   * @param {string} colour
   */
  show(value, was, colour) {
    this.value = value;
    const [zero, height] = [this.zero, this.tall(value)];
    this.fill.setAttribute("y", (height < 0 ? zero : zero - height).toFixed(2));
    this.fill.setAttribute("height", Math.abs(height).toFixed(2));
    this.line.setAttribute("y", (zero - height - 1.25).toFixed(2));
    this.grip.setAttribute("y", (zero - height - GRIP.height / 2).toFixed(2));
    this.fill.style.fill = colour;
    this.line.style.fill = colour;
    this.line.style.visibility = Number.isFinite(value) ? "" : "hidden";
    say(this.number, fixed(value, 2));
    const moved = was !== undefined && Math.abs(was - value) > SAME;
    this.old.style.display = moved ? "" : "none";
    say(this.before, moved ? fixed(was, 2) : "");
    if (moved) this.old.setAttribute("y", (zero - this.tall(was) - 1).toFixed(2));
    if (!this.onHold) return;
    this.group.setAttribute("aria-valuenow", String(Number.isFinite(value) ? Number(value.toFixed(3)) : 0));
    this.group.setAttribute("aria-valuetext", fixed(value, 2));
  }

  get zero() {
    return this.top + (this.signed ? this.height / 2 : this.height);
  }

  get least() {
    return this.signed ? -this.reach : 0;
  }

  /** @param {number} value */
  tall(value) {
    const share = Number.isFinite(value) ? Math.min(Math.max(value / this.reach, -1), 1) : 0; // no number: empty
    return share * (this.signed ? this.height / 2 : this.height);
  }

  /**
   * Make it a slider.
   * @param {string} title
   * @param {(value: number | null) => void} onHold null to let go
   */
  holdable(title, onHold) {
    this.onHold = onHold;
    const { group } = this;
    group.classList.add("holdable");
    this.grip.style.display = "";
    const about = fill(_("Hold the {signal}"), { signal: title });
    const limits = { "aria-valuemin": this.least, "aria-valuemax": this.reach, "aria-orientation": "vertical" };
    for (const [name, value] of Object.entries({ role: "slider", tabindex: 0, "aria-label": about, ...limits }))
      group.setAttribute(name, String(value));
    let finger = false; // it scrolls the page, and taps where the level is to be
    group.onpointerdown = (event) => {
      finger = event.pointerType === "touch";
      if (event.button || finger) return;
      group.setPointerCapture(event.pointerId);
      this.drag(event);
    };
    group.onpointermove = (event) => {
      if (group.hasPointerCapture(event.pointerId)) this.drag(event);
    };
    group.onclick = (event) => {
      if (finger) this.drag(event);
    };
    group.onkeydown = (event) => this.key(event);
  }

  /** @param {MouseEvent} event */
  drag(event) {
    const box = this.empty.getBoundingClientRect();
    const share = Math.min(Math.max((box.bottom - event.clientY) / box.height, 0), 1);
    this.onHold?.(this.least + share * (this.reach - this.least));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const [low, high] = [this.least, this.reach];
    const by = MOVE * (high - low);
    /** @type {Record<string, number>} */
    const values = {
      ArrowUp: this.value + by,
      ArrowRight: this.value + by,
      ArrowDown: this.value - by,
      ArrowLeft: this.value - by,
      PageUp: this.value + 10 * by,
      PageDown: this.value - 10 * by,
      Home: low,
      End: high,
    };
    if (/^(Escape|Delete|Backspace)$/.test(event.key)) this.onHold?.(null);
    else if (event.key in values) this.onHold?.(Math.min(Math.max(values[event.key], low), high));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
