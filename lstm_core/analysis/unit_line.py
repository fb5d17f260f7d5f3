"""What is the strongest that can be said of a unit?"""

from collections.abc import Mapping
from typing import Any

from lstm_core.analysis.corpus_following import STRONG

RATE = 0.05  # false-discovery rate
ROUNDING = 1e-9  # of an AUC
SHUT = 0.5  # mean of a gate that resets
REMEMBERS = 5.0  # steps


def unit_line(
    follows: Mapping[str, Any] | None, resets: Mapping[str, Any] | None, remembers: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What do a unit's numbers support? By this rule, never by hand.

    `follows` and `resets` are a unit's answers of `corpus_following`: said where the false-discovery rate q is at most 5 %; the
    strength, 2 AUC - 1 or the correlation, at least 0.5; and, where untrained models were recorded, the lower end of the
    interval above the best of all their units. "resets" also needs the gate's mean to be below 0.5 where the feature is, and is
    not said of a unit whose half-life is not: that is how it is compared with untrained models. `remembers` is a unit's of `corpus_timescale`: said from 5 steps on, and where
    untrained models were recorded, if it is longer than any half-life of theirs and q is at most 5 %. Without them q knows of
    shuffled text only, and that any unit with random weights passes.

    Returns the parts of a sentence, `follows`, `remembers` and `resets`, None for what is not said, and `nothing`, whether nothing
    is. `remembers` has `half_life`, in steps, and `at_least`: true where it is longer than the store can tell, by how much nobody knows.

    >>> unit_line(None, None, {"half_life": 40.0, "untrained": 2.0, "q": 0.01})["remembers"]
    {'half_life': 40.0, 'at_least': False}
    """
    memory = _remembered(remembers)
    followed = _said(follows)
    reset = (
        _said(resets) if memory and resets and resets["mean_with"] is not None and resets["mean_with"] < SHUT else None
    )
    return {
        "follows": followed,
        "remembers": memory,
        "resets": reset,
        "nothing": followed is None and memory is None and reset is None,
    }


def _remembered(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if found is None or found["half_life"] is None or not found["half_life"] >= REMEMBERS:
        return None
    longest = found.get("untrained")
    if longest is not None and not (found["half_life"] > longest and found["q"] <= RATE):
        return None
    at_least = bool(found.get("at_least"))
    return {"half_life": found["low"] if at_least else found["half_life"], "at_least": at_least}


def _said(answer: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if answer is None or answer["score"] is None or not answer["q"] <= RATE:
        return None
    strength = 2 * answer["score"] - 1 if answer["binary"] else answer["score"]
    before = answer.get("untrained")
    if not strength >= STRONG or not answer["low"] > (-1 if before is None else before + ROUNDING):
        return None
    kept = ("feature", "signal", "sign", "binary", "score", "low", "high", "shuffled")
    return {**{key: answer[key] for key in kept}, "untrained": before}
