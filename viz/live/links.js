// What a view shows as the end of an address, "#text=...&unit=3", and back.

/** @import { Options } from "./types" */

/**
 * @template Value
 * @typedef {{ write: (value: Value) => string, read: (text: string) => Value | undefined }} Way undefined: not readable
 */

const MOST = 1e6; // units or steps

/** @type {Way<string>} */
const text = { write: (value) => value, read: (value) => value };

/** @type {Way<string[]>} */
const names = { write: (value) => value.join(","), read: (value) => (value ? value.split(",") : []) };

/** @type {Way<number | null>} */
const number = { write: (value) => String(value ?? ""), read: (value) => (value === "" ? null : whole(value)) };

/** @type {Way<number[]>} */
const numbers = { write: (value) => value.join(","), read: (value) => (value ? all(value.split(",").map(whole)) : []) };

/** @type {Way<[number, number] | null>} */
const range = {
  write: (value) => (value ? value.join("-") : ""),
  read: (value) => {
    if (value === "") return null;
    const [start, stop, ...more] = value.split("-").map(whole);
    return start === undefined || stop === undefined || more.length || start >= stop ? undefined : [start, stop];
  },
};

/** @type {Way<boolean>} */
const yes = {
  write: (value) => (value ? "1" : ""),
  read: (value) => (value === "" ? false : value === "1" ? true : undefined),
};

/**
 * @template {string} Name
 * @param {Name[]} known
 * @returns {Way<Name>}
 */
const oneOf = (...known) => ({ write: (value) => value, read: (value) => known.find((one) => one === value) });

/** @type {{ [Name in keyof Options]: Way<Options[Name]> }} */
const WAYS = {
  text,
  layer: text,
  signals: names,
  sort: oneOf("telling", "index", "variability", "similarity", "timescale"),
  which: oneOf("telling", "all", "pick"),
  units: numbers,
  unit: number,
  step: number,
  zoom: range,
  span: range,
  before: yes,
  card: oneOf("signals", "does", "because"),
};

/**
 * What an address asks for: `usual` where it asks for nothing, or for what there is not.
 * @param {string} hash with or without its "#"
 * @param {Options} usual
 * @returns {Options}
 */
export function optionsFrom(hash, usual) {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const found = { ...usual };
  for (const [name, way] of Object.entries(WAYS)) {
    const written = asked.get(name);
    const value = written === null ? undefined : way.read(written);
    if (value !== undefined) Object.assign(found, { [name]: value });
  }
  return found;
}

/**
 * The end of an address that restores what is shown, without its "#": what differs from `usual`.
 * @param {Options} options
 * @param {Options} usual
 */
export function hashOf(options, usual) {
  const found = new URLSearchParams();
  for (const [name, way] of /** @type {[keyof Options, Way<unknown>][]} */ (Object.entries(WAYS))) {
    const written = way.write(options[name]);
    if (written !== way.write(usual[name])) found.set(name, written);
  }
  return found.toString();
}

/** @param {string} value */
function whole(value) {
  const found = /^\d{1,7}$/.test(value) ? Number(value) : MOST + 1;
  return found <= MOST ? found : undefined;
}

/** @param {(number | undefined)[]} values */
function all(values) {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? known : undefined;
}
