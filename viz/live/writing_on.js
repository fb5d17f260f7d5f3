// A text continued by the model that reads it: tokens drawn from what it predicts, as text.

import { drawn } from "./engine/predictions.js";

/** @import { LiveModel } from "./model.js" */
/** @import { Described } from "./engine/encoders.js" */

/**
 * Draw so many tokens after what the model has read, and return them as text; the same seed draws the same.
 * @param {LiveModel} model
 * @param {{ count: number, temperature: number, seed: number }} how
 */
export function continuation(model, { count, temperature, seed }) {
  const before = model.tokens;
  const chance = chances(seed);
  const { ids, labels, groups } = before;
  const [more, names, places] = [[...ids], [...labels], [...groups]];
  for (let at = 0; at < count; at++) {
    const id = drawn(model.output(model.steps - 1), temperature, chance());
    more.push(id);
    names.push(model.facts.labels[id]);
    places.push((places.at(-1) ?? -1) + 1);
    model.take({ ids: [...more], values: null, labels: [...names], groups: [...places] });
  }
  model.take(before);
  return decoded(/** @type {Described} */ (model.facts.config.encoder), more.slice(ids.length), model.facts.apart);
}

/**
 * Numbers between 0 and 1, the same for the same seed: a linear congruential generator, its high bits mixed (mulberry32).
 * @param {number} seed
 */
function chances(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * What these classes are as a text that the encoder reads again; bytes that are no character are left out.
 * @param {Described} encoder
 * @param {number[]} ids
 * @param {boolean} apart
 */
function decoded(encoder, ids, apart) {
  switch (encoder.kind) {
    case "byte":
      return new TextDecoder().decode(Uint8Array.from(ids)).replaceAll("\ufffd", "");
    case "character":
      return ids.map((id) => encoder.vocabulary[id]).join("");
    case "word":
      return ids.map((id) => ` ${encoder.vocabulary[id - 1] ?? ""}`).join("");
    default:
      return ids.map((id) => (apart ? " " : "") + encoder.entries[id]).join("");
  }
}
