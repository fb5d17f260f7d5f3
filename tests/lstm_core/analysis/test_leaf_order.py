"""The order of a tree's leaves, compared with every order that the tree allows."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import pdist, squareform

import pretrained
from lstm_core import record
from lstm_core.analysis import leaf_order as module
from lstm_core.analysis import row_order
from lstm_core.analysis.leaf_order import leaf_order


def distances_of(leaves: int, most: int, seed: int) -> np.ndarray:
    found = np.triu(np.random.default_rng(seed).integers(0, most, (leaves, leaves)), 1)
    return (found + found.T).astype(np.float64)


def every_order(tree: np.ndarray, node: int) -> list[list[int]]:
    leaves = len(tree) + 1
    if node < leaves:
        return [[node]]
    one, other = (every_order(tree, int(child)) for child in tree[node - leaves, :2])
    return [[*first, *last] for a, b in ((one, other), (other, one)) for first in a for last in b]


def length(distances: np.ndarray, order) -> float:
    return sum(distances[one, other] for one, other in pairwise(order))


@pytest.mark.parametrize("most", [2, 5, 1000])
@pytest.mark.parametrize("leaves", range(2, 10))
def test_no_other_order_of_the_tree_is_shorter(leaves, most):
    for seed in range(5):
        distances = distances_of(leaves, most, seed)
        tree = linkage(squareform(distances), method="average")
        orders, found = every_order(tree, 2 * leaves - 2), leaf_order(tree, distances).tolist()
        assert found in orders
        assert length(distances, found) == min(length(distances, order) for order in orders)


def test_large_trees_are_worked_through_in_parts_to_the_same_order(monkeypatch):
    distances = distances_of(60, 1000, 0)
    tree = linkage(squareform(distances), method="average")
    whole = leaf_order(tree, distances).tolist()
    monkeypatch.setattr(module, "AT_ONCE", 50)
    assert leaf_order(tree, distances).tolist() == whole
    assert length(distances, whole) < length(distances, leaves_list(tree))


def test_of_equals_one_whose_ends_come_first_in_the_tree_and_one_leaf_is_an_order():
    distances = np.ones((4, 4)) - np.eye(4)
    tree = linkage(squareform(distances), method="average")
    assert leaves_list(tree).tolist() == [3, 2, 0, 1]
    assert leaf_order(tree, distances).tolist() == [3, 0, 1, 2]
    assert leaf_order(np.empty((0, 4)), np.zeros((1, 1))).tolist() == [0]


@pytest.mark.parametrize(
    ("name", "text"), [("brackets", "S[(())(()())((()))]T"), ("shakespeare", "To be, or not to be")]
)
def test_rows_by_similarity_are_nearer_to_each_other_than_in_scipys_order(name, text):
    hidden = record(pretrained.load(name, device="cpu"), text).layers["layer0"]["hidden"]
    condensed = pdist(hidden.transpose("unit", "step").to_numpy().astype(np.float64), "correlation")
    tree = optimal_leaf_ordering(linkage(condensed, method="average"), condensed)
    distances, order = squareform(condensed), row_order(hidden, "similarity")
    assert sorted(order) == list(range(hidden.sizes["unit"]))
    assert length(distances, order) < 0.95 * length(distances, leaves_list(tree))
