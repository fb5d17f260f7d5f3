// The reader's language. Sentences are marked with `_` and looked up, when they are shown, in a table that Python sends.

/** @type {Record<string, string>} */
let table = {};

/**
 * Sets the table: the translation of each sentence that differs in the reader's language.
 * @param {Record<string, string> | undefined} strings
 */
export function speak(strings) {
  table = strings ?? {};
}

/**
 * The sentence in the reader's language.
 * @param {string} message
 */
export function _(message) {
  return Object.hasOwn(table, message) ? table[message] : message;
}

/**
 * Marks a constant, which is made before the table is there; look it up with _ where it is shown.
 * @param {string} message
 */
export function N_(message) {
  return message;
}

/**
 * A looked-up sentence with its values: "Unit {unit}" becomes "Unit 3".
 * @param {string} message
 * @param {Record<string, string | number>} values
 */
export function fill(message, values) {
  return message.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}

const WORD = /\p{L}{2}/u;

/**
 * The words in a component's HTML, collected before anything is added to it. Returns a function that shows them in the
 * reader's language.
 * @param {HTMLElement} root
 * @returns {() => void}
 */
export function wordsOf(root) {
  /** @type {(() => void)[]} */
  const found = [];
  collect(root, found);
  return () => {
    for (const show of found) show();
  };
}

/**
 * @param {Node} root
 * @param {(() => void)[]} found
 */
function collect(root, found) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = /** @type {Node | null} */ (root); node; node = walker.nextNode()) {
    if (node instanceof Text) found.push(...inText(node));
    if (node instanceof Element) found.push(...inAttributes(node));
    if (node instanceof HTMLTemplateElement) collect(node.content, found);
  }
}

/** @param {Text} node */
function inText(node) {
  const message = node.data.trim();
  if (!WORD.test(message)) return [];
  const [before, after] = node.data.split(message);
  return [
    () => {
      node.data = `${before}${_(message)}${after}`;
    },
  ];
}

/** @param {Element} element */
function inAttributes(element) {
  return ["aria-label", "title"].flatMap((name) => {
    const message = element.getAttribute(name);
    return message ? [() => element.setAttribute(name, _(message))] : [];
  });
}
