// Numbers and elements: the two things that every part of the page is made of.

/**
 * A number with its digits, a true minus sign, and no minus before zero.
 * @param {number} value
 * @param {number} [digits]
 */
export function fixed(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const written = Math.abs(value).toFixed(digits);
  return value < 0 && Number(written) !== 0 ? `−${written}` : written;
}

/**
 * As `fixed`, in parentheses where it is negative: for after a times sign.
 * @param {number} value
 * @param {number} [digits]
 */
export function factor(value, digits = 3) {
  const written = fixed(value, digits);
  return written.startsWith("−") ? `(${written})` : written;
}

/** @param {number} share */
export function percent(share) {
  if (!Number.isFinite(share)) return "–";
  if (share < 0.0005) return "< 0.1 %";
  return `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

/**
 * An element with attributes and children; text is only ever text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 */
export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 */
export function shape(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/**
 * @template {Element} Kind
 * @param {Kind} element
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * The first element of this kind that a selector finds within another; it has to be there.
 * @template {Element} Kind
 * @param {ParentNode} within
 * @param {string} selector
 * @param {new () => Kind} kind
 */
export function part(within, selector, kind) {
  const found = within.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`no ${kind.name} is at ${selector}`);
  return found;
}

/**
 * Set a text only where it differs: an equal one would still cost a repaint.
 * @param {Node} node
 * @param {string} text
 */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
