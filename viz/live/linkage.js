// Which clusters do leaves make, the nearest first? Average linkage, as scipy's `linkage` has it.

/** @import { Children } from "./leaf_order.js" */

/**
 * The clusters of leaves by the mean distance of their members, the nearest first, by chains of nearest neighbours.
 * @param {Float64Array} distances (leaf, leaf)
 * @param {number} leaves
 */
export function averageLinkage(distances, leaves) {
  const between = distances.slice();
  const sizes = new Int32Array(leaves).fill(1);
  /** @type {{ pair: [number, number], distance: number }[]} */
  const merges = [];
  /** @type {number[]} */
  const chain = [];
  while (merges.length < leaves - 1) {
    if (!chain.length) chain.push(sizes.findIndex((size) => size > 0));
    const distance = follow(chain, between, sizes);
    const [one, other] = chain.splice(-2).sort((a, b) => a - b);
    merges.push({ pair: [one, other], distance });
    merge(one, other, between, sizes);
  }
  return numbered(merges, leaves);
}

/**
 * Follow the nearest neighbours until two are each other's, the last of the chain; returns their distance.
 * @param {number[]} chain
 * @param {Float64Array} between
 * @param {Int32Array} sizes
 */
function follow(chain, between, sizes) {
  const leaves = sizes.length;
  while (true) {
    const [at, before] = [chain[chain.length - 1], chain[chain.length - 2] ?? -1];
    let [next, least] = [before, before < 0 ? Number.POSITIVE_INFINITY : between[at * leaves + before]];
    for (let other = 0; other < leaves; other++) {
      if (sizes[other] && other !== at && between[at * leaves + other] < least) {
        next = other;
        least = between[at * leaves + other];
      }
    }
    if (next === before) return least;
    chain.push(next);
  }
}

/**
 * Make one cluster of two; it goes on as the second.
 * @param {number} one
 * @param {number} other
 * @param {Float64Array} between
 * @param {Int32Array} sizes
 */
function merge(one, other, between, sizes) {
  const [leaves, first, second] = [sizes.length, sizes[one], sizes[other]];
  sizes[one] = 0;
  sizes[other] = first + second;
  for (let third = 0; third < leaves; third++) {
    if (!sizes[third] || third === other) continue;
    const mean = (first * between[third * leaves + one] + second * between[third * leaves + other]) / (first + second);
    between[third * leaves + other] = mean;
    between[other * leaves + third] = mean;
  }
}

/**
 * @param {{ pair: [number, number], distance: number }[]} merges
 * @param {number} leaves
 * @returns {Children}
 */
function numbered(merges, leaves) {
  const parents = Array.from({ length: 2 * leaves - 1 }, (_, node) => node);
  /** @param {number} node */
  const root = (node) => {
    while (parents[node] !== node) {
      parents[node] = parents[parents[node]];
      node = parents[node];
    }
    return node;
  };
  return merges
    .sort((a, b) => a.distance - b.distance)
    .map(({ pair }, at) => {
      const [one, other] = pair.map(root);
      parents[one] = leaves + at;
      parents[other] = leaves + at;
      return one < other ? [one, other] : [other, one];
    });
}
