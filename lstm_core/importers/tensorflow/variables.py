"""A checkpoint's variables by their names: those of recurrent cells, linear layers and embeddings, and what is left."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lstm_core.importers.tensorflow.bundle import Tensors
from lstm_core.importers.tensorflow.names import Group, Variable, cells_end, part_of
from lstm_core.importers.tensorflow.object_graph import KEY, SUFFIX, Found, ObjectGraph

# What optimisers keep beside each variable, by the last part of its name.
KEPT = re.compile(
    r"(adam|adamw|rmsprop|momentum|adagrad|adadelta|ftrl|nadam|exponentialmovingaverage|avg|m|v|vhat|slot)(_\d+)?|local_step",
    re.IGNORECASE,
)
BIASES = {"kernel": "bias", "weights": "biases", "weight": "bias", "matrix": "bias", "w": "b"}  # of a matrix called so
STARTS = ("kernel", "embeddings", "gamma")  # a list of variables goes on to the next layer there


@dataclass(frozen=True, eq=False)
class Matrix:
    """An embedding or a linear layer: its weight, (in, out), and its bias."""

    name: str
    weight: Variable
    bias: Variable | None

    @property
    def place(self) -> int:
        return self.weight.place

    @property
    def reads(self) -> int:
        return self.weight.shape[0]

    @property
    def outputs(self) -> int:
        return self.weight.shape[1]


@dataclass(frozen=True, eq=False)
class Variables:
    """What a checkpoint holds besides its optimiser."""

    groups: list[Group]  # recurrent cells, and others that are called cells
    matrices: list[Matrix]
    others: list[Variable]
    ordered: bool  # does `place` tell in which order the model defines them?


def variables_of(bundle: Tensors, order: Mapping[str, int]) -> Variables:
    """All variables of a checkpoint, sorted by what they belong to. Raises UnreadableFile.

    `order` has the place of each name in the graph in which it was saved; it is empty where the graph is not there.
    """
    text = bundle.text(KEY)
    if text is not None:
        graph = ObjectGraph(text)
        named, ordered = _of_objects(bundle, graph.variables()), True
    else:
        named, ordered = _of_names(bundle, order), bool(order)
    kept = _without_slots(named)
    groups, left = _cells(kept)
    matrices, others = _matrices(left)
    return Variables(groups, matrices, others, ordered)


def _of_names(bundle: Tensors, order: Mapping[str, int]) -> list[Variable]:
    known = [(name, entry) for name, entry in bundle.entries.items() if entry.floats]
    found = [Variable(name, name, entry.shape, order.get(name, len(order))) for name, entry in known]
    return sorted(found, key=lambda one: (one.place, one.name))


def _of_objects(bundle: Tensors, found: Sequence[Found]) -> list[Variable]:
    known = [one for one in found if one.key in bundle.entries and bundle.entries[one.key].floats]
    names = [one.name for one in known]
    if len(set(names)) < len(names) or "" in names:
        names = _by_place(known)
    return [
        Variable(name, one.key, bundle.entries[one.key].shape, place, one.path)
        for place, (name, one) in enumerate(zip(names, known, strict=True))
    ]


def _by_place(found: Sequence[Found]) -> list[str]:
    """Names made of the paths to the variables, where their own are not different; in a list, of where a layer begins."""
    names, layer = [], 0
    for one in found:
        leaf = one.name.rpartition("/")[2] or one.key.removesuffix(SUFFIX).rpartition("/")[2]
        if one.path and one.path[-1].isdecimal():
            layer += leaf in STARTS
            names.append(f"layer_{layer}/{leaf}")
        else:
            names.append("/".join(part.lstrip("_") for part in one.path))
    counts = Counter(names)
    return [name if counts[name] == 1 else f"{name}/{number}" for number, name in enumerate(names)]


def _without_slots(variables: Sequence[Variable]) -> list[Variable]:
    """Those that no optimiser keeps: theirs are called like a variable and one word more."""
    names = {one.name for one in variables}

    def is_slot(name: str) -> bool:
        parent, _, own = name.rpartition("/")
        if parent in names:
            return True
        parts = parent.split("/")  # optimizer/rnn/kernel/Adam
        return bool(KEPT.fullmatch(own)) and any("/".join(parts[start:]) in names for start in range(1, len(parts)))

    return [one for one in variables if not is_slot(one.name)]


def _cells(variables: Sequence[Variable]) -> tuple[list[Group], list[Variable]]:
    """The variables of each cell, and those of none."""
    scopes: dict[str, dict[str, Variable]] = {}
    strange: dict[str, list[Variable]] = {}
    left = []
    recurrent = {one.name.rpartition("/")[0] for one in variables if one.name.endswith("/recurrent_kernel")}
    gated = {name[: found.start()] for one in variables if (found := re.search(r"/gates/", name := one.name))}
    for one in variables:
        parts = one.name.split("/")
        end = cells_end(parts[:-1])
        scope, rest = "/".join(parts[:end]), "/".join(parts[end:])
        parent = "/".join(parts[:-1])
        if parent in recurrent:
            scope, rest = parent, parts[-1]
        elif not end:
            gate = next((other for other in gated if one.name.startswith(f"{other}/")), "")
            scope, rest = (gate, one.name[len(gate) + 1 :]) if gate else (_custom(parent, one), parts[-1])
        part = part_of(rest) if scope else ""
        if not scope:
            left.append(one)
        elif part and part not in scopes.get(scope, {}):
            scopes.setdefault(scope, {})[part] = one
        else:
            strange.setdefault(scope, []).append(one)
    groups = [Group(scope, parts, tuple(strange.pop(scope, ()))) for scope, parts in scopes.items()]
    left += [one for several in strange.values() for one in several]
    return groups, left


def _custom(parent: str, one: Variable) -> str:
    """The scope of a cell that was given a name of its own: the one thing within a loop over steps, with a fused matrix."""
    inside = re.search(r"(^|/)((bidirectional_)?rnn(_\d+)?(/(fw|bw))?|(fw|bw)|cell_?\d+)/[^/]+$", parent, re.IGNORECASE)
    fused = len(one.shape) == 1 or (len(one.shape) == 2 and one.shape[1] < 4 * one.shape[0])
    wraps = re.search(r"wrapper|projection|attention|dense|layer_norm", parent.rpartition("/")[2], re.IGNORECASE)
    return parent if inside and fused and not wraps else ""


def _matrices(variables: Sequence[Variable]) -> tuple[list[Matrix], list[Variable]]:
    """Matrices with the vectors that are their biases, and everything else."""
    vectors = {one.name: one for one in variables if len(one.shape) == 1}
    weights = [one for one in variables if len(one.shape) == 2 and all(one.shape)]
    biases: dict[str, Variable] = {}
    for weight in weights:
        for name in _bias_names(weight.name):
            if weight.name not in biases and name in vectors and vectors[name].shape == weight.shape[1:]:
                biases[weight.name] = vectors.pop(name)
    for weight in weights:  # "Variable" and "Variable_1": the only matrix and the only vector of that width
        alone = [one.name for one in weights if one.name not in biases and one.shape[1:] == weight.shape[1:]]
        fitting = [name for name, one in vectors.items() if one.shape == weight.shape[1:]]
        if alone == [weight.name] and len(fitting) == 1 and not weight.name.endswith("embeddings"):
            biases[weight.name] = vectors.pop(fitting[0])
    taken = {*(one.name for one in weights), *(one.name for one in biases.values())}
    found = [Matrix(_title(one.name), one, biases.get(one.name)) for one in weights]
    return found, [one for one in variables if one.name not in taken]


def _bias_names(name: str) -> list[str]:
    """What the bias of a matrix of that name may be called."""
    parent, slash, own = name.rpartition("/")
    found = []
    for weight, bias in BIASES.items():
        for spelled, other in (
            (weight, bias),
            (weight.capitalize(), bias.capitalize()),
            (weight.upper(), bias.upper()),
        ):
            if own == spelled:
                found += [f"{parent}{slash}{other}", f"{parent}{slash}{other.lower()}"]
            elif own.endswith(f"_{spelled}"):  # softmax_w
                found.append(f"{parent}{slash}{own.removesuffix(spelled)}{other}")
            elif own.startswith(f"{spelled}_"):  # w_out
                found.append(f"{parent}{slash}{other}{own.removeprefix(spelled)}")
            elif spelled in parent.split("/"):  # weights/out
                found.append(
                    "/".join(other if part == spelled else part for part in parent.split("/")) + f"{slash}{own}"
                )
    return found


def _title(name: str) -> str:
    """A layer's name: that of its weight, without the word that says what it is."""
    parent, _, own = name.rpartition("/")
    return parent if parent and (own.lower() in BIASES or own == "embeddings") else name
