// What a model predicts after a step, from its readout's output: lstm_core/readouts.py and analysis/expectation.py.

/**
 * A readout's part of a model.json.
 * @typedef {{ kind: "next" | "legal" | "nothing" } | { kind: "labels", labels: string[] }
 *   | { kind: "values", names: string[], mean: number[], spread: number[], ahead: boolean }} Readout
 */

const TINY = 2 ** -126; // the smallest float32: a probability that rounded to zero counts as this

/**
 * The probability of each class, of legal tokens each its own; or the numbers in their own units.
 * @param {Readout} readout
 * @param {Float32Array} output logits, or standardised numbers
 * @returns {Float64Array}
 */
export function predicted(readout, output) {
  switch (readout.kind) {
    case "values": {
      const { spread, mean } = readout;
      return Float64Array.from(output, (value, at) => value * spread[at] + mean[at]);
    }
    case "legal":
      return Float64Array.from(output, (logit) => 1 / (1 + Math.exp(-logit)));
    case "nothing":
      return new Float64Array(0);
    default:
      return softmax(output, 1);
  }
}

/**
 * Written as loops: at every key it runs once for each step that is read again.
 * @param {ArrayLike<number>} logits
 * @param {number} temperature above 0
 */
export function softmax(logits, temperature) {
  const count = logits.length;
  const found = new Float64Array(count);
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) most = Math.max(most, logits[at] / temperature);
  let total = 0;
  for (let at = 0; at < count; at++) total += found[at] = Math.exp(logits[at] / temperature - most);
  for (let at = 0; at < count; at++) found[at] /= total;
  return found;
}

/**
 * The surprisal of what came, in bits.
 * @param {number} probability
 */
export function surprisal(probability) {
  const bits = -Math.log2(Math.max(probability, TINY));
  return bits === 0 ? 0 : bits; // not -0
}

/**
 * The classes of the largest values, the largest first, ties by class, NaN last.
 * @param {ArrayLike<number>} values
 * @param {number} count
 */
export function largest(values, count) {
  const order = (/** @type {number} */ at) => (Number.isNaN(values[at]) ? Number.NEGATIVE_INFINITY : values[at]);
  return Array.from(values, (_, at) => at)
    .sort((one, other) => order(other) - order(one) || one - other)
    .slice(0, count);
}

/**
 * What is predicted after a step, and how the last token changed that: the likeliest `count`, then the `fallen` others
 * that lost most.
 * @param {ArrayLike<number>} now
 * @param {ArrayLike<number> | null} before null at the first step
 * @param {number} count
 * @param {number} fallen
 */
export function expectedChange(now, before, count = 8, fallen = 2) {
  const best = largest(now, count);
  const known = new Set(best);
  const lost = Array.from(now, (value, at) => {
    if (known.has(at)) return Number.NEGATIVE_INFINITY;
    const earlier = before === null || Number.isNaN(before[at]) ? 0 : before[at];
    return earlier - value;
  });
  const rest = largest(lost, Math.min(fallen, now.length - best.length));
  return [...best, ...rest].map((at) => ({ at, now: now[at], before: before === null ? Number.NaN : before[at] }));
}

/**
 * A class drawn by chance: by softmax(logits / temperature), at temperature 0 the likeliest.
 * @param {ArrayLike<number>} logits
 * @param {number} temperature
 * @param {number} chance from 0 to 1, exclusive
 */
export function drawn(logits, temperature, chance) {
  // Below this, dividing would overflow where two logits are not equal anyway.
  if (temperature < 1e-6) return largest(logits, 1)[0];
  let rest = chance;
  const probabilities = softmax(Array.from(logits), temperature);
  const found = probabilities.findIndex((probability) => {
    rest -= probability;
    return rest < 0;
  });
  return found < 0 ? largest(probabilities, 1)[0] : found; // rounding: the sum is a little below 1
}
