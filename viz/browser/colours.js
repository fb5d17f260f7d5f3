// From a signal's value to its colour, by the scales that Python sends (viz/theme.py).

/** @import { Colours, Ends, Signal, Stop } from "./types" */

const LEVELS = 256; // and one beyond, for what is no number
const EVEN = 0.179; // luminance on which black and white are equally readable, both 4.58 : 1

/** How one signal is coloured in one theme. */
export class Scale {
  /**
   * @param {Ends} limits
   * @param {Stop[]} stops
   */
  constructor([low, high], stops) {
    this.low = low;
    this.factor = (LEVELS - 1) / (high - low);
    /** @type {string[]} */
    this.css = [];
    /** @type {string[]} */
    this.ink = [];
    this.packed = new Uint32Array(LEVELS + 1); // ABGR, as a canvas keeps it on little-endian machines: all of today's
    for (let level = 0; level < LEVELS; level++) {
      const [red, green, blue] = between(stops, level / (LEVELS - 1));
      this.css.push(`rgb(${red},${green},${blue})`);
      this.ink.push(luminance(red, green, blue) > EVEN ? "#000000" : "#ffffff");
      this.packed[level] = (255 << 24) | (blue << 16) | (green << 8) | red;
    }
    this.css.push("transparent"); // what is no number
    this.ink.push("inherit");
  }

  /** The whole scale, as the background of a small bar. */
  get ramp() {
    return `linear-gradient(to right, ${[0, 64, 128, 192, 255].map((level) => this.css[level]).join(", ")})`;
  }

  /** @param {number} value */
  level(value) {
    const level = Math.round((value - this.low) * this.factor);
    if (!Number.isFinite(level)) return LEVELS;
    return level < 0 ? 0 : level >= LEVELS ? LEVELS - 1 : level;
  }
}

/**
 * @param {Stop[]} stops
 * @param {number} at
 */
function between(stops, at) {
  let upper = stops.findIndex(([position]) => position >= at);
  if (upper <= 0) upper = 1;
  const [from, first] = stops[upper - 1];
  const [to, second] = stops[upper];
  const share = (at - from) / (to - from);
  return parts(first).map((part, index) => Math.round(part + (parts(second)[index] - part) * share));
}

/** @param {string} colour */
function parts(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

/**
 * Relative luminance after WCAG 2.1.
 * @param {...number} rgb
 */
function luminance(...rgb) {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * Give an element the colours of the page around it as CSS variables; returns the scale of each signal.
 * @param {HTMLElement} root
 * @param {Colours} colours
 * @param {boolean} dark
 * @returns {Record<string, Scale>}
 */
export function dress(root, { signals, themes }, dark) {
  const mode = dark ? "dark" : "light";
  for (const [name, colour] of Object.entries(themes[mode])) root.style.setProperty(`--${name}`, colour);
  for (const { name, colour } of signals) root.style.setProperty(`--${name}`, colour);
  root.classList.toggle("dark", dark);
  return Object.fromEntries(signals.map((one) => [one.name, new Scale(one.limits, one.scale[mode])]));
}

/**
 * The colour of a value where it is a line or a bar: of a gate its own, of a signed signal by the sign. For CSS.
 * @param {Signal} signal
 * @param {number} value
 */
export function colourOf(signal, value) {
  if (signal.gate) return signal.colour;
  return value < 0 ? "var(--cool)" : "var(--warm)";
}

/**
 * Is the page around this element dark? Asked of its background, so that it is never a run late.
 * @param {Element} element
 */
export function isDark(element) {
  const colour = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  return /^#[0-9a-f]{6}$/i.test(colour) ? luminance(...parts(colour)) < 0.2 : false;
}
