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
