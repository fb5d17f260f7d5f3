// In which order do the leaves of a tree of clusters stand best? As lstm_core/analysis/leaf_order.py, leaf by leaf.

/** @typedef {[start: number, stop: number]} Span places from one up to another */
/** @typedef {[left: number, right: number][]} Children: the two parts of each cluster; numbers below the count of leaves are leaves */
/** @typedef {{ values: Float64Array, width: number, rows: Span, columns: Span }} Block a part of a matrix */

/**
 * The order of the leaves in which the distances from each to the next have the smallest sum: optimal leaf ordering,
 * Bar-Joseph, Gifford & Jaakkola 2001.
 * @param {Children} children
 * @param {Float64Array} distances (leaf, leaf), whole numbers
 */
export function leafOrder(children, distances) {
  const [tree, width] = [new Tree(children), children.length + 1];
  const near = new Float64Array(width * width);
  for (const [row, one] of tree.leaves.entries()) {
    for (const [column, other] of tree.leaves.entries()) near[row * width + column] = distances[one * width + other];
  }
  const least = new Float64Array(width * width); // of a cluster that has one leaf at one end and another at the other
  const reached = new Float64Array(width * width);
  for (const [left, right] of children) {
    for (const [first, inner] of tree.ends(left)) {
      for (const [last, nextInner] of tree.ends(right)) {
        const between = { values: reached, width, rows: first, columns: nextInner };
        const whole = { values: least, width, rows: first, columns: last };
        leastSums(between, { ...between, values: least, columns: inner }, near);
        leastSums(whole, between, least);
        mirror(whole);
      }
    }
  }
  return trace(tree, near, least).map((place) => tree.leaves[place]);
}

/** A tree whose leaves stand in a row, every left child left of the right one: places instead of numbers. */
class Tree {
  /** @param {Children} children */
  constructor(children) {
    this.children = children;
    this.count = children.length + 1;
    /** @type {Span[]} */
    this.spans = [];
    const sizes = Array(this.count).fill(1);
    for (const [left, right] of children) sizes.push(sizes[left] + sizes[right]);
    this.spans[sizes.length - 1] = [0, this.count];
    for (let node = sizes.length - 1; node >= this.count; node--) {
      const [[start, stop], [left, right]] = [this.spans[node], children[node - this.count]];
      this.spans[left] = [start, start + sizes[left]];
      this.spans[right] = [start + sizes[left], stop];
    }
    /** @type {number[]} */
    this.leaves = [];
    for (let leaf = 0; leaf < this.count; leaf++) this.leaves[this.spans[leaf][0]] = leaf;
  }

  /**
   * Where the leaf at one end of a node may stand, and where that at its other end then may.
   * @param {number} node
   * @returns {[Span, Span][]}
   */
  ends(node) {
    if (node < this.count) return [[this.spans[node], this.spans[node]]];
    const [left, right] = this.children[node - this.count].map((child) => this.spans[child]);
    return [
      [left, right],
      [right, left],
    ];
  }

  /**
   * Where the leaf at the other end of a node may stand.
   * @param {number} node
   * @param {number} end
   */
  opposite(node, end) {
    const [[one, other], turned] = this.ends(node);
    return !turned || (end >= one[0] && end < one[1]) ? other : one;
  }
}

/**
 * Write into `found` the smallest one[i, j] + other[j, k] over all j.
 * @param {Block} found
 * @param {Block} one
 * @param {Float64Array} other of the same width
 */
function leastSums(found, one, other) {
  const [{ values, width, rows, columns }, [start, stop]] = [found, one.columns];
  for (let row = rows[0] * width; row < rows[1] * width; row += width) {
    values.fill(Number.POSITIVE_INFINITY, row + columns[0], row + columns[1]);
    for (let at = start; at < stop; at++) {
      const first = one.values[row + at];
      for (let column = columns[0]; column < columns[1]; column++) {
        const sum = first + other[at * width + column];
        if (sum < values[row + column]) values[row + column] = sum;
      }
    }
  }
}

/** @param {Block} block */
function mirror({ values, width, rows, columns }) {
  for (let row = rows[0]; row < rows[1]; row++) {
    for (let column = columns[0]; column < columns[1]; column++) {
      values[column * width + row] = values[row * width + column];
    }
  }
}

/**
 * The places of the leaves in the best order.
 * @param {Tree} tree
 * @param {Float64Array} near
 * @param {Float64Array} least
 */
function trace(tree, near, least) {
  const width = tree.count;
  if (width === 1) return [0];
  const [left, right] = tree.children[width - 2].map((child) => tree.spans[child]);
  const [found, whole] = [
    /** @type {number[]} */ ([]),
    smallest(left, right, (one, other) => least[one * width + other]),
  ];
  const waiting = [{ node: tree.spans.length - 1, first: whole[0], last: whole[1] }];
  for (let part = waiting.pop(); part; part = waiting.pop()) {
    const { node, first, last } = part;
    if (node < width) {
      found.push(first);
      continue;
    }
    const [one, other] = tree.children[node - width];
    const turned = first >= tree.spans[other][0];
    const [start, end] = turned ? [last, first] : [first, last];
    const [stop, begin] = smallest(
      tree.opposite(one, start),
      tree.opposite(other, end),
      (inner, next) => least[start * width + inner] + near[inner * width + next] + least[next * width + end],
    );
    if (turned) waiting.push({ node: one, first: stop, last: start }, { node: other, first: end, last: begin });
    else waiting.push({ node: other, first: begin, last: end }, { node: one, first: start, last: stop });
  }
  return found;
}

/**
 * Where is the smallest value, of equals the first?
 * @param {Span} rows
 * @param {Span} columns
 * @param {(row: number, column: number) => number} value
 */
function smallest(rows, columns, value) {
  let [row, column, least] = [rows[0], columns[0], Number.POSITIVE_INFINITY];
  for (let one = rows[0]; one < rows[1]; one++) {
    for (let other = columns[0]; other < columns[1]; other++) {
      const found = value(one, other);
      if (found < least) [row, column, least] = [one, other, found];
    }
  }
  return [row, column];
}
