"""The units of a pattern as a link has them: "132 cell above 0.43,190 cell below -0.5"."""

from collections.abc import Collection, Iterable
from contextlib import suppress

from lstm_core.corpus import Condition

MOST = 512  # units


def written(conditions: Iterable[Condition]) -> str:
    return ",".join(f"{one.unit} {one.signal} {one.when} {one.threshold:g}" for one in conditions)


def parsed(text: str, signals: Collection[str], units: int) -> tuple[Condition, ...]:
    """What a link says, as far as it names signals and units that there are; each once."""
    found = []
    for part in text.split(",")[:MOST]:
        with suppress(ValueError):  # anybody can write a link
            unit, signal, when, threshold = part.split()
            one = Condition(int(unit), signal, float(threshold), when)
            if one.signal in signals and 0 <= one.unit < units:
                found.append(one)
    return tuple(dict.fromkeys(found))
