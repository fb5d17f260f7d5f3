// Numbers and elements: the two things that every part of the page is made of.

/** A number with its digits, a true minus sign, and no minus before zero. */
export function fixed(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const written = Math.abs(value).toFixed(digits);
  return value < 0 && Number(written) !== 0 ? `−${written}` : written;
}

/** As `fixed`, in parentheses where it is negative: for after a times sign. */
export function factor(value, digits = 3) {
  const written = fixed(value, digits);
  return written.startsWith("−") ? `(${written})` : written;
}

export function percent(share) {
  if (!Number.isFinite(share)) return "–";
  if (share < 0.0005) return "< 0.1 %";
  return `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

/** An element with attributes and children; text is only ever text. */
export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function shape(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Set a text only where it differs: an equal one would still cost a repaint. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
