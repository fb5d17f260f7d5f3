"""Which features of a text could a unit follow? Worked out from the tokens alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from lstm_core.analysis.character_features import QUOTED, QUOTED_BY, character_features
from lstm_core.analysis.word_features import word_features
from lstm_core.given import checked
from lstm_core.recording import Recording

CONTROLS = {chr(0x2400 + code): chr(code) for code in range(0x20)}
NAMED = {"␣": " ", "⏎": "\n", "⇥": "\t", "␍": "\r", "␡": "\x7f"}  # as `encoders.visible` has them

MOSTLY = 0.7  # share of single characters above which all is characters, with a mark such as <pad> here and there


@checked
def text_features(
    recording: Recording, *, numbers: Sequence[str] = (), places: np.ndarray | None = None, period: float = 0.0
) -> xr.Dataset:
    """The features of the text that vary over it, with their values at every step.

    Over ("step",), float64, with names for a reader. A variable's attribute `binary` is 1 for a feature of yes or no (1 or 0), else
    0. Of characters (the steps of one that is several bytes are alike): those of `character_features`; of words,
    those of `word_features`; of numbers, each number of a step under its name in `numbers` ("number 1" without), and with `places`
    (see `NumberEncoder.places`) in a `period` of so many steps the place itself, such as the day of the year, its sine and its cosine. And "place in the text" of all. A
    feature at a step knows nothing of later steps, but for whether a quotation mark ever finds its other. Those that stay
    the same over the text, and the kinds of quotation marks where there is one kind, are left out, so that a dataset without variables is possible.

    Labels are read as `encoders.visible` wrote them: a ␣ that was itself typed counts as a blank. Raises ValueError when
    `places` are not as many as the steps, or come without a period, and when a step has not as many numbers as there are names.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import text_features
    >>> found = text_features(record(pretrained.load("shakespeare"), 'He said "no".'))
    >>> "place in the text" in found
    True
    """
    labels, groups = recording.tokens, recording.prediction["group"].to_numpy()
    if places is not None and (len(places) != len(labels) or period <= 0):
        raise ValueError(
            f"{len(places)} places in a period of {period:g} but {len(labels)} steps: give one for each step"
        )
    starts = starts_of(groups)
    pieces = [labels[start] for start in starts]
    found = _of_pieces(pieces, numbers, kind_of_tokens(pieces, numeric=places is not None or bool(numbers)))
    if places is not None:
        found |= _of_period(np.asarray(places)[starts], period)
    marked = np.repeat(found.get(QUOTED, np.zeros(len(starts))), np.diff(np.append(starts, len(labels))))
    return xr.Dataset(
        {
            name: ("step", values.astype(np.float64), {"binary": int(values.dtype == bool)})
            for name, values in _at_steps(found, starts, len(labels)).items()
            if (values != values[0]).any() and not (name in QUOTED_BY and (values == marked).all())
        },
        coords=_of_steps(recording),
    )


@dataclass(frozen=True)
class TokenKind:
    """What the tokens of a text are: then all its documents have the same features."""

    kind: Literal["numbers", "characters", "words"]
    symbols: Collection[str] = ()  # the distinct characters


def kind_of_tokens(pieces: Sequence[str], counts: np.ndarray | None = None, *, numeric: bool = False) -> TokenKind:
    """Are these numbers, characters or words? `counts` says how often each comes, once by default."""
    single = [len(original(piece)) == 1 for piece in pieces]
    if (numeric or not all(single)) and _numbers(pieces) is not None:
        return TokenKind("numbers")
    if np.average(single, weights=counts) > MOSTLY:
        return TokenKind("characters", frozenset(_characters(pieces)))
    return TokenKind("words")


def document_features(
    labels: Sequence[str], groups: np.ndarray, kind: TokenKind, *, numbers: Sequence[str] = ()
) -> dict[str, np.ndarray]:
    """`text_features` of one document of a corpus, (step,), also of those that stay the same over it; bool for yes or no."""
    starts = starts_of(groups)
    return _at_steps(_of_pieces([labels[start] for start in starts], numbers, kind), starts, len(labels))


def starts_of(groups: np.ndarray) -> np.ndarray:
    """The steps at which a new character begins."""
    return np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))


def _at_steps(found: dict[str, np.ndarray], starts: np.ndarray, steps: int) -> dict[str, np.ndarray]:
    lengths = np.diff(np.append(starts, steps))
    found = {**found, "place in the text": np.arange(len(starts))}
    return {name: np.repeat(values, lengths) for name, values in found.items()}


@checked
def marking(recording: Recording, marks: str, *, name: str = "marked by hand") -> xr.DataArray:
    """The steps that a person marked, by a 0 or 1 for each character, word or number.

    Blanks and line ends between the marks do not count. Returns 0 or 1 over ("step",), to stand among `text_features`.
    Raises ValueError for another sign, for too many or too few, and for marks that are all alike.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import marking
    >>> recording = record(pretrained.load("anbn"), "SaaabbbT")
    >>> marking(recording, "0111 0000").values.tolist()
    [0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    """
    signs = "".join(marks.split())
    wrong = sorted(set(signs) - {"0", "1"})
    if wrong:
        raise ValueError(f"marks are 0 or 1, one for each token, not {wrong[0]!r}")
    groups = recording.prediction["group"].to_numpy()
    place = np.cumsum(np.diff(groups, prepend=groups[0]) != 0)
    wanted = int(place[-1]) + 1
    if len(signs) != wanted:
        raise ValueError(f"{len(signs)} marks but {wanted} tokens: give a 0 or 1 for each")
    if len(set(signs)) == 1:
        raise ValueError(f"all {wanted} marks are {signs[0]}: a unit can follow only what changes")
    values = np.array([float(sign) for sign in signs])[place]
    return xr.DataArray(values, dims="step", coords=_of_steps(recording), name=name, attrs={"binary": 1})


def original(label: str) -> str:
    """The character that `encoders.visible` wrote as this label; other labels are returned unchanged."""
    if label.startswith("U+") and len(label) > 5:
        return chr(int(label[2:], 16))
    if len(label) == 4 and label.startswith("0x"):  # a byte that is no character
        return "\N{REPLACEMENT CHARACTER}"
    if len(label) == 2 and label[0] == "◌":
        return label[1]
    return NAMED.get(label) or CONTROLS.get(label) or label


def _of_steps(recording: Recording) -> dict[str, xr.DataArray]:
    return {name: recording.prediction[name] for name in ("step", "token", "group")}


def _of_pieces(pieces: Sequence[str], names: Sequence[str], kind: TokenKind) -> dict[str, np.ndarray]:
    """The features of numbers, characters or words."""
    if kind.kind == "characters":
        return character_features("".join(_characters(pieces)), symbols=kind.symbols)
    if kind.kind == "words":
        return word_features(pieces)
    numbers = _numbers(pieces)
    assert numbers is not None  # noqa: S101 (for the type checker: the kind says so)
    names = names or [f"number {place}" for place in range(1, numbers.shape[1] + 1)]
    if len(names) != numbers.shape[1]:
        raise ValueError(f"each step has {numbers.shape[1]} numbers, but there are {len(names)} names")
    columns = zip(names, numbers.T, strict=True)
    return {name: column == 1 if set(column.tolist()) <= {0, 1} else column for name, column in columns}


def _characters(pieces: Sequence[str]) -> list[str]:
    """The character of each; what is several, such as <pad>, is one that comes in no text."""
    return [one if len(one := original(piece)) == 1 else "\N{OBJECT REPLACEMENT CHARACTER}" for piece in pieces]


def _numbers(pieces: Sequence[str]) -> np.ndarray | None:
    """(piece, number) where all pieces are as many numbers with colons between, as `NumberEncoder` reads them.

    Words such as "nan" and "inf" are none.
    """
    try:
        rows = [[float(part) for part in piece.split(":")] for piece in pieces]
    except ValueError:
        return None
    numbers = np.array(rows) if len({len(row) for row in rows}) == 1 else None
    return numbers if numbers is not None and np.isfinite(numbers).all() else None


def _of_period(places: np.ndarray, period: float) -> dict[str, np.ndarray]:
    name = "day of the year" if round(period) in (365, 366) else f"place in the period of {period:g}"
    angle = 2 * np.pi * (places - 1) / period
    return {name: places, f"sine of the {name}": np.sin(angle), f"cosine of the {name}": np.cos(angle)}
