"""Which rule puts the units that are known to tell something first? `most_telling` compared with other rules.

Two lists of units. KNOWN are the units that the zoo's hints and findings name, each on its text. FOLLOWERS are units that nobody named: on texts of the two models of text, for each feature of the text's structure (inside
quotation marks, far into the line, bracket depth ...) the two units with the best `feature_selectivity`. The less the
mean place (0 is first, 1 last) and the more of them among 24, the better.
"""

from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr

import pretrained
from lstm_core import Recording, record
from lstm_core.analysis import feature_selectivity, most_telling, most_varying, text_features
from lstm_core.analysis.ordering import known_units, largest_first
from lstm_core.analysis.telling import TELLING, beyond_token, lasting, token_numbers
from pretrained.measures import OPINIONS, VERSE
from viz.shared.findings import FINDINGS

QUOTES, SONNET, COUNTS = (
    FINDINGS[title].text
    for title in (
        "A unit that knows it is inside quotation marks",
        "A unit that measures the line",
        "A unit that counts",
    )
)
KNOWN = {  # a model, and a text or the title of an example: the units that its hint or a finding names
    ("anbn", COUNTS): (0, 2),
    ("anbn", "Eight of each"): (0, 2),
    ("anbn", "Longer than any in training"): (0, 2),
    ("anbncn", "Eight of each"): (8, 14),
    ("anbncn", "Longer than any in training"): (8, 14),
    ("brackets", "Three deep"): (9, 18),
    ("brackets", "Deeper than any in training"): (9, 18),
    ("brackets", "Out and back"): (9, 18),
    ("python", QUOTES): (132, 52, 23),
    ("python", "Blocks within blocks"): (52, 23),
    ("python", "Strings and a comment"): (132,),
    ("python", "Brackets over lines"): (23,),
    ("shakespeare", SONNET): (108, 118),
    ("shakespeare", VERSE): (118,),
    ("shakespeare", "Start of the held-out test text"): (108, 118),
    ("sentiment", " ".join(OPINIONS)): (23,),
    ("sentiment", "Praise, then but"): (23,),
    ("sentiment", "Not good"): (23,),
    ("sentiment", "Not bad"): (23,),
    ("temporal_order", "X, later Y"): (0, 1),
    ("temporal_order", "Y, later X"): (0, 1),
    ("temporal_order", "Y twice"): (0, 1),
    ("embedded_reber", "T remembered"): (3,),
    ("embedded_reber", "P remembered"): (3,),
    ("embedded_reber", "P across a long string"): (3,),
    ("temperature", "Start of the held-out series"): (15, 11),
    ("temperature", "Middle of the held-out series"): (15, 11),
    ("adding", "Two marked of a hundred"): (40,),
    ("adding", "A short row"): (40,),
}
STRUCTURE = (
    *("inside quotation marks", "inside brackets", "bracket depth", "far into the line", "place in the line"),
    *("indentation", "deep in the code", "in a comment", "in a docstring", "letters of the word so far"),
    *("beginning of a word", "place in the text"),
)
Rule = Callable[[xr.Dataset], list[int]]


def _values(layer: xr.Dataset, name: str) -> np.ndarray:
    return np.asarray(layer[name].transpose("step", "unit").to_numpy().astype(np.float64))


def _squashed(layer: xr.Dataset) -> np.ndarray:
    return np.tanh(_values(layer, "cell"))


def _less_shared(values: np.ndarray) -> np.ndarray:
    """Without the first principal component."""
    values = values - values.mean(axis=0)
    left, size, right = np.linalg.svd(values, full_matrices=False)
    return np.asarray(values - size[0] * np.outer(left[:, 0], right[0]))


def _less_token(layer: xr.Dataset, values: np.ndarray) -> np.ndarray:
    return beyond_token(values, token_numbers(layer))


def _first(layer: xr.Dataset, values: np.ndarray) -> list[int]:
    return largest_first(values.std(axis=0), known_units(layer["hidden"])).tolist()


def _all_signals(layer: xr.Dataset) -> list[int]:
    """Each of the six signals in proportion to its range, of the cell state its tanh."""
    wide = {"candidate": 2, "hidden": 2}
    parts = [_values(layer, one) / wide.get(one, 1) for one in ("input", "forget", "output", "candidate", "hidden")]
    variances = [_less_token(layer, part).var(axis=0) for part in (*parts, _squashed(layer) / 2)]
    return largest_first(np.sqrt(np.sum(variances, axis=0)), known_units(layer["hidden"])).tolist()


RULES: dict[str, Rule] = {
    "most_telling": lambda layer: most_telling(layer, layer.sizes["unit"]),
    "h": lambda layer: most_varying(layer["hidden"], layer.sizes["unit"]),
    "c": lambda layer: most_varying(layer["cell"], layer.sizes["unit"]),
    "tanh c": lambda layer: _first(layer, _squashed(layer)),
    "h - shared": lambda layer: _first(layer, _less_shared(_values(layer, "hidden"))),
    "tanh c - shared": lambda layer: _first(layer, _less_shared(_squashed(layer))),
    "h - token": lambda layer: _first(layer, _less_token(layer, _values(layer, "hidden"))),
    "tanh c - token": lambda layer: _first(layer, _less_token(layer, _squashed(layer))),
    "tanh c - token, lasting": lambda layer: _first(layer, lasting(_less_token(layer, _squashed(layer)))),
    "h, lasting": lambda layer: _first(layer, lasting(_values(layer, "hidden"))),
    "six signals - token": _all_signals,
}


def recordings() -> Iterator[tuple[str, str, Recording]]:
    """Model, text and what was recorded of it, for each of KNOWN."""
    for model_name, text in KNOWN:
        model = pretrained.load(model_name, device="cpu")
        yield model_name, text, record(model, model.card.examples.get(text, text))


def followers(recording: Recording) -> list[int]:
    """The two units that follow each feature of structure best, by any signal."""
    features = text_features(recording)
    names = [name for name in STRUCTURE if name in features]
    found = feature_selectivity(recording.layers["layer0"], features[names], shuffles=0)["score"].max("signal")
    best = [found.sel(feature=name).argsort().to_numpy()[::-1][:2] for name in names]
    return [int(unit) for unit in np.concatenate(best)]


def main() -> None:
    print(f"| rank of | on | of | {' | '.join(RULES)} |")
    print(f"| --- | --- | ---: |{' ---: |' * len(RULES)}")
    known: list[list[int]] = []
    following: list[list[float]] = []
    for model_name, text, recording in recordings():
        layer = recording.layers["layer0"]
        places = [{unit: place for place, unit in enumerate(rule(layer))} for rule in RULES.values()]
        for unit in KNOWN[model_name, text]:
            known.append([place[unit] + 1 for place in places])
            cells = [model_name + f" {unit}", repr(text[:24]), layer.sizes["unit"], *known[-1]]
            print(f"| {' | '.join(map(str, cells))} |")
        if model_name in ("python", "shakespeare"):
            following += [[place[unit] for place in places] for unit in followers(recording)]
    print(f"| mean log2 of the rank | | | {' | '.join(f'{one:.2f}' for one in np.log2(known).mean(axis=0))} |")
    print(f"| not among {TELLING} | | | {' | '.join(map(str, (np.array(known) > TELLING).sum(axis=0)))} |")
    shares = (np.array(following) < TELLING).mean(axis=0)
    print(f"| of {len(following)} followers, among {TELLING} | | | {' | '.join(f'{one:.0%}' for one in shares)} |")


if __name__ == "__main__":
    main()
