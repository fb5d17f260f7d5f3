// The heatmaps of a frame on canvas, one for each signal: a pixel row per unit and a pixel column per timestep.

import { Pixels } from "../browser/canvas.js";
import { fixed, make, part, say } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";
import { writeRows, writeTokens } from "./labels.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { FilmSignal, Found, Frame, Header, Panel } from "./types" */

export class Panels {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.holder = part(root, ".panels", HTMLElement);
    this.tip = part(root, ".tip", HTMLElement);
    /** @type {Panel[]} */
    this.list = [];
    this.made = ""; // of which signals
    /** @type {{ header: Header; frame: Frame; found: Found } | null} */
    this.shown = null;
    /** @type {[panel: Panel, row: number, column: number] | null} */
    this.pointed = null;
    this.sizes = new ResizeObserver(() => this.shown && this.label(this.shown.header));
    this.sizes.observe(this.holder);
  }

  /**
   * @param {Header} header
   * @param {Record<string, Scale>} scales
   */
  build(header, scales) {
    const { signals, units, tokens } = header;
    if (this.made !== String(signals.map((one) => one.title))) {
      this.made = String(signals.map((one) => one.title));
      this.list = signals.map((signal) => this.panel(signal, scales[signal.name]));
      this.holder.replaceChildren(...this.list.map((panel) => panel.element));
      this.holder.classList.toggle("several", signals.length > 1);
      this.tip.hidden = true;
    }
    const several = header.frames.length > 1 ? [110, 3, 200] : [160, 3, 160]; // one frame stands beside curves
    const [least, each, most] = signals.length > 1 ? several : [160, 6, 420];
    this.list.forEach((panel, index) => {
      panel.signal = signals[index];
      panel.scale = scales[signals[index].name];
      const { canvas } = panel;
      if (canvas.width !== tokens.length || canvas.height !== units.length) {
        panel.pixels = new Pixels(canvas, tokens.length, units.length);
      }
      panel.frame.style.height = `${Math.min(Math.max(units.length * each, least), most)}px`;
      this.legend(panel);
    });
    this.label(header);
  }

  /**
   * @param {FilmSignal} signal
   * @param {Scale} scale
   */
  panel(signal, scale) {
    const canvas = make("canvas", { role: "img" });
    const frame = make("div", { class: "frame" }, canvas);
    const [rows, tokens] = [make("canvas"), make("canvas")];
    const [low, high, ramp] = [
      make("span", { class: "bound low" }),
      make("span", { class: "bound" }),
      make("span", { class: "ramp" }),
    ];
    const name = make(
      "div",
      { class: "name" },
      make("b", {}, signal.title),
      make("i", {}, signal.symbol),
      low,
      ramp,
      high,
    );
    name.style.setProperty("--hue", signal.colour);
    const map = make(
      "div",
      { class: "map" },
      make("div", { class: "rows" }, rows),
      frame,
      make("div", { class: "tokens" }, tokens),
    );
    const element = make("div", { class: "panel" }, name, map);
    const pixels = new Pixels(canvas, 1, 1);
    /** @type {Panel} */
    const panel = { signal, scale, pixels, element, canvas, frame, rows, tokens, low, high, ramp };
    frame.onpointermove = (event) => this.point(panel, event);
    frame.onpointerdown = (event) => this.point(panel, event);
    frame.onpointerleave = () => this.away();
    return panel;
  }

  /** @param {Panel} panel */
  legend({ signal, scale, low, high, ramp }) {
    const [least, most] = signal.limits;
    say(low, String(least).replace("-", "−"));
    say(high, String(most));
    ramp.style.background = scale.ramp;
  }

  /**
   * @param {Header} header
   * @param {Frame} frame
   * @param {Found} found
   * @param {string} moment
   */
  draw(header, frame, found, moment) {
    this.shown = { header, frame, found };
    const { units, tokens } = header;
    for (const panel of this.list) {
      const { levels } = found[frame.parts[panel.signal.name]].arrays;
      const { pixels, scale } = panel;
      const { colours } = pixels;
      for (let at = 0; at < levels.length; at++) colours[at] = scale.packed[levels[at]];
      pixels.paint();
      panel.canvas.setAttribute(
        "aria-label",
        fill(_("{signal} of {units} units at {steps} timesteps; model at {moment}"), {
          signal: panel.signal.title,
          units: units.length,
          steps: tokens.length,
          moment,
        }),
      );
    }
    if (this.pointed) this.tell(...this.pointed);
  }

  /**
   * The numbers of units and the tokens beside the pictures, in the room there is now.
   * @param {Header} header
   */
  label(header) {
    const ink = getComputedStyle(this.root).getPropertyValue("--ink");
    const faint = getComputedStyle(this.root).getPropertyValue("--faint");
    for (const { canvas, frame, rows, tokens } of this.list) {
      const [wide, tall] = [frame.clientWidth, frame.clientHeight]; // before any zoom
      if (!wide) continue;
      canvas.classList.toggle(
        "fine",
        canvas.width > wide * devicePixelRatio || canvas.height > tall * devicePixelRatio,
      );
      writeRows(rows, header.units, tall, faint);
      writeTokens(tokens, header, wide, ink);
    }
  }

  /**
   * @param {Panel} panel
   * @param {PointerEvent} event
   */
  point(panel, event) {
    if (!this.shown) return;
    const { units, tokens } = this.shown.header;
    const box = panel.frame.getBoundingClientRect();
    /** @type {(share: number, count: number) => number} */
    const within = (share, count) => Math.min(Math.max(Math.floor(share * count), 0), count - 1);
    const column = within((event.clientX - box.left) / box.width, tokens.length);
    const row = within((event.clientY - box.top) / box.height, units.length);
    this.pointed = [panel, row, column];
    this.tell(panel, row, column);
    const around = this.root.getBoundingClientRect();
    const zoom = around.width / this.root.offsetWidth || 1;
    const left = Math.min((event.clientX - around.left) / zoom + 14, this.root.offsetWidth - this.tip.offsetWidth);
    this.tip.style.left = `${Math.max(left, 0)}px`;
    this.tip.style.top = `${(event.clientY - around.top) / zoom + 16}px`;
  }

  /**
   * The value under the pointer, also after the frame changes under it.
   * @param {Panel} panel
   * @param {number} row
   * @param {number} column
   */
  tell(panel, row, column) {
    if (!this.shown) return;
    const { header, frame, found } = this.shown;
    const { units, tokens, first } = header;
    if (row >= units.length || column >= tokens.length || !this.list.includes(panel)) {
      this.away();
      return;
    }
    const { signal } = panel;
    const level = found[frame.parts[signal.name]].arrays.levels[row * tokens.length + column];
    const [low, high] = signal.limits;
    const value = level > 255 ? _("not a number") : fixed(low + (level / 255) * (high - low), 2);
    const form = !signal.open || level % 255 ? "{value}" : level ? _("{value} or more") : _("{value} or less");
    say(
      this.tip,
      fill(_("unit {unit}, step {step} {token}: {signal} {value}"), {
        unit: units[row],
        step: first + column,
        token: tokens[column],
        signal: signal.title.toLowerCase(),
        value: fill(form, { value }),
      }),
    );
    this.tip.hidden = false;
  }

  away() {
    this.pointed = null;
    this.tip.hidden = true;
  }

  leave() {
    this.sizes.disconnect();
  }
}
