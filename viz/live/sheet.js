// A canvas for letters and lines, as sharp as the screen.

import { pen } from "../browser/canvas.js";

/**
 * An empty canvas of that size in CSS pixels, and what draws on it in these.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function sheet(canvas, width, height) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [wide, tall] = [Math.max(Math.round(width * ratio), 1), Math.max(Math.round(height * ratio), 1)];
  const context = pen(canvas);
  if (canvas.width !== wide || canvas.height !== tall) {
    canvas.width = wide;
    canvas.height = tall;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/**
 * A colour of the theme around an element, by the name of its CSS variable.
 * @param {Element} element
 * @param {string} name
 */
export function ink(element, name) {
  return getComputedStyle(element).getPropertyValue(`--${name}`).trim();
}
