// How well does a number separate two kinds of steps, or follow another number? As lstm_core/analysis/selectivity.py has it.

/**
 * The chance that the value of a member is above that of another, ties counting half: Mann & Whitney 1947.
 * @param {ArrayLike<number>} values
 * @param {Uint8Array} members 1, or 0 for the others
 */
export function auc(values, members) {
  return aucOf(ranksOf(values), members);
}

/**
 * @param {Float64Array} ranks
 * @param {Uint8Array} members
 */
export function aucOf(ranks, members) {
  let [sum, count] = [0, 0];
  for (let at = 0; at < ranks.length; at++) {
    if (!members[at]) continue;
    sum += ranks[at];
    count += 1;
  }
  return (sum - (count * (count + 1)) / 2) / (count * (ranks.length - count));
}

/**
 * From 1, equals sharing the mean of theirs; NaN for all where one is no number.
 * @param {ArrayLike<number>} values
 */
export function ranksOf(values) {
  const sorted = Float64Array.from(values).sort(); // without a comparison of ours: at every key there are thousands
  if (!Number.isFinite(sorted[0]) || !Number.isFinite(sorted[sorted.length - 1])) return sorted.fill(Number.NaN);
  return Float64Array.from(values, (value) => (below(sorted, value, false) + below(sorted, value, true) + 1) / 2);
}

/**
 * How many are below a value, or with `same` below it or equal?
 * @param {Float64Array} sorted
 * @param {number} value
 * @param {boolean} same
 */
function below(sorted, value, same) {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle] < value || (same && sorted[middle] === value)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * The standard deviation of an AUC where members are drawn by chance.
 * @param {Uint8Array} members
 */
export function deviation(members) {
  const count = members.reduce((sum, one) => sum + one, 0);
  return Math.sqrt((members.length + 1) / (12 * count * (members.length - count)));
}

/** @param {Uint8Array} members */
export function runs(members) {
  return members.reduce((count, one, at) => count + Number(one && !members[at - 1]), 0);
}

/**
 * Pearson's; 0 where one of them does not change.
 * @param {ArrayLike<number>} one
 * @param {ArrayLike<number>} other
 */
export function correlation(one, other) {
  const [mine, theirs] = [mean(one), mean(other)];
  let [product, squares, others] = [0, 0, 0];
  for (let at = 0; at < one.length; at++) {
    product += (one[at] - mine) * (other[at] - theirs);
    squares += (one[at] - mine) ** 2;
    others += (other[at] - theirs) ** 2;
  }
  return squares && others ? product / Math.sqrt(squares * others) : 0;
}

/** @param {ArrayLike<number>} values */
function mean(values) {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at];
  return sum / values.length;
}
