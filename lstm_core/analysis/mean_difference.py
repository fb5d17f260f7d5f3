"""At which tokens, and by which gate, do two readings of a text differ most on average?"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from lstm_core.analysis.features import original
from lstm_core.analysis.ordering import known_units
from lstm_core.given import checked
from lstm_core.recording import signals_of

FEWEST = 3  # tokens of a kind, and others, that a mean is of
FEW = 12  # distinct tokens, of which each is a kind
GATES = ("input", "forget", "output", "reset", "update")


def _is(*categories: str) -> Callable[[str], bool]:
    return lambda token: all(unicodedata.category(one).startswith(categories) for one in token)


KINDS: dict[str, Callable[[str], bool]] = {
    "spaces": lambda letter: letter == " ",
    "line ends": lambda letter: letter == "\n",
    "punctuation marks": _is("P", "S"),
    "capital letters": lambda token: len(token) == 1 and _is("Lu")(token),
    "vowels": lambda token: token in set("aeiouAEIOU"),
    "digits": lambda token: len(token) == 1 and _is("Nd")(token),
}


@dataclass(frozen=True)
class MeanDifference:
    """Two means of one signal over the same steps and units.

    >>> from lstm_core.analysis import MeanDifference
    >>> round(MeanDifference("output", "spaces", False, 0.25, 0.5).size, 2)
    0.25
    """

    signal: str
    kind: str  # of the tokens: one of KINDS, a token in its own letters where `is_token`, or "" for all steps
    is_token: bool
    first: float
    second: float

    @property
    def size(self) -> float:
        """How far apart the two are."""
        return abs(self.first - self.second)


@checked
def mean_difference(layer: xr.Dataset, other: xr.Dataset) -> MeanDifference | None:
    """At which kind of token, or over all steps, do the mean gates of two readings differ most?

    Both are (step, unit) of the same steps and units. Of each gate, the mean over all units at all steps, and at each kind of
    token: those of KINDS or, of a text with at most FEW distinct tokens, each token. A kind counts where at least FEWEST
    tokens are of it, and FEWEST are not. Where there are no gates, the size |h| of the hidden state stands for them. Of equal
    differences, the first: all steps before kinds, gates in their usual order. Units that are NaN or infinite in one of the two
    are left out; None if no unit is left.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import mean_difference
    >>> models = pretrained.load("anbn"), pretrained.untrained("anbn")
    >>> layers = [record(model, "SaaaabbbbT").layers["layer0"] for model in models]
    >>> found = mean_difference(*layers)
    >>> found.signal, found.kind
    ('input', 'a')
    """
    gates = [name for name in signals_of(layer) if name in GATES]
    steps = [("", False, np.ones(layer.sizes["step"], dtype=bool)), *_kinds(_tokens(layer))]
    best: MeanDifference | None = None
    for name in gates or ["hidden"]:
        known = known_units(layer[name]) & known_units(other[name])
        if not known.any():
            continue
        means = [_over_units(one[name], known, size=not gates) for one in (layer, other)]
        for kind, is_token, members in steps:
            first, second = (float(mean[members].mean()) for mean in means)
            found = MeanDifference(name, kind, is_token, first, second)
            if best is None or found.size > best.size + 1e-9:
                best = found
    return best


def _over_units(signal: xr.DataArray, known: np.ndarray, *, size: bool) -> np.ndarray:
    values = signal.transpose("step", "unit").to_numpy()[:, known].astype(np.float64)
    return np.asarray((np.abs(values) if size else values).mean(axis=1))


def _tokens(layer: xr.Dataset) -> list[str]:
    return [str(token) for token in layer["token"].to_numpy()] if "token" in layer.coords else []


def _kinds(tokens: Sequence[str]) -> Iterator[tuple[str, bool, np.ndarray]]:
    """Each kind that occurs often enough, whether it is a token, and which steps are of it."""
    distinct = sorted(set(tokens))
    kinds: list[tuple[str, bool, list[bool]]]
    if len(distinct) <= FEW:
        kinds = [(token, True, [one == token for one in tokens]) for token in distinct]
    else:
        letters = [original(token) for token in tokens]
        kinds = [(name, False, [belongs(one) for one in letters]) for name, belongs in KINDS.items()]
    for name, is_token, of_it in kinds:
        members = np.array(of_it, dtype=bool)
        if FEWEST <= members.sum() <= len(members) - FEWEST:
            yield name, is_token, members
