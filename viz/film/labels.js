// The unit numbers beside a heatmap and the tokens below it, as many as fit.

import { pen } from "../browser/canvas.js";

/** @import { Header } from "./types" */

const FONT = 11; // pixels
const NARROWEST = 6.5; // pixels that a character needs
const LINE = 13; // pixels that a row's number needs
const LONGEST = 12; // characters of a word
const BLANK = new Set(["␣", "⏎", "⇥", "␍"]);

/**
 * Which unit each row is: every one, or every second, fifth, ... where rows are thin.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} units
 * @param {number} height
 * @param {string} ink
 */
export function writeRows(canvas, units, height, ink) {
  const context = fresh(canvas, canvas.parentElement?.clientWidth ?? 0, height, ink);
  const room = height / units.length;
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((step) => step * room >= LINE) ?? units.length;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (let row = 0; row < units.length; row += every) {
    const middle = Math.min(Math.max((row + 0.5) * room, FONT / 2), height - FONT / 2);
    context.fillText(String(units[row]), canvas.clientWidth - 6, middle);
  }
}

/**
 * What was read: every character where they fit, else words, each at its beginning.
 * @param {HTMLCanvasElement} canvas
 * @param {Pick<Header, "tokens" | "labels">} header
 * @param {number} width
 * @param {string} ink
 */
export function writeTokens(canvas, { tokens, labels }, width, ink) {
  const context = fresh(canvas, width, canvas.parentElement?.clientHeight ?? 0, ink);
  const room = width / tokens.length;
  const names = labels.map(([start, stop, label]) => ({ label, at: ((start + stop) / 2) * room, from: start * room }));
  const spelled = names.every(({ label }) => [...label].length <= 1 || label.startsWith("U+"));
  /** @type {{ label: string; from: number; at?: number }[]} */
  const fitting = spelled && width / names.length < NARROWEST ? words(names) : names;
  context.textBaseline = "top";
  let free = -Infinity;
  const joined = spelled && fitting !== names; // a word stands where it begins, all else in the middle of its steps
  for (const { label, at, from } of fitting) {
    const wide = context.measureText(label).width;
    const left = Math.min(Math.max(joined || at === undefined ? from : at - wide / 2, 0), width - wide);
    if (left < free) continue;
    context.fillText(label, left, 5);
    free = left + wide + (spelled && !joined ? -2 : 5);
  }
}

/** @param {{ label: string; from: number }[]} names */
function words(names) {
  /** @type {{ label: string; from: number }[]} */
  const found = [];
  /** @type {{ label: string; from: number } | null} */
  let word = null;
  for (const { label, from } of names) {
    if (BLANK.has(label)) word = null;
    else if (word) word.label += label;
    else {
      word = { label, from };
      found.push(word);
    }
  }
  return found.map(({ label, from }) => {
    const letters = [...label];
    return { label: letters.length > LONGEST ? `${letters.slice(0, LONGEST).join("")}…` : label, from };
  });
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @param {string} ink
 */
function fresh(canvas, width, height, ink) {
  const scale = (devicePixelRatio || 1) * (canvas.currentCSSZoom || 1);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = pen(canvas);
  context.scale(scale, scale);
  context.direction = "ltr"; // in the order in which it is read
  context.font = `${FONT}px ${getComputedStyle(canvas).getPropertyValue("--st-code-font") || "monospace"}, monospace`;
  context.fillStyle = ink;
  return context;
}
