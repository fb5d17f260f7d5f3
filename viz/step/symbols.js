// Text in a drawing: plain, and symbols with their indices.

import { shape } from "../browser/format.js";

/**
 * @param {string} content
 * @param {Record<string, string | number>} attributes
 */
export function text(content, attributes) {
  return shape("text", attributes, content);
}

/**
 * @param {string} symbol
 * @param {string} index
 * @param {Record<string, string | number>} attributes
 */
export function indexed(symbol, index, attributes) {
  return shape("text", attributes, ...subscripted(symbol, index));
}

/**
 * @param {string} symbol
 * @param {string} index
 */
export function subscripted(symbol, index) {
  const parts = [shape("tspan", { class: "variable" }, symbol)];
  if (index)
    parts.push(shape("tspan", { class: "index", dy: "0.28em" }, index), shape("tspan", { dy: "-0.2em" }, "\u200a"));
  return parts;
}
