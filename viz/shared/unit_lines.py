"""The line of a unit in words: the strongest statement that its evidence over a corpus supports."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from viz.locale import N_, _
from viz.shared.features import feature_title

FOLLOWS = {  # by whether the feature is one of yes or no, and by the sign
    (True, 1): N_("follows: {feature} (AUC {score}, {chance})"),
    (True, -1): N_("low at: {feature} (AUC {score}, {chance})"),
    (False, 1): N_("rises with: {feature} (correlation {score}, {chance})"),
    (False, -1): N_("falls with: {feature} (correlation −{score}, {chance})"),
}
BARE = {
    (True, 1): N_("follows: {feature}"),
    (True, -1): N_("low at: {feature}"),
    (False, 1): N_("rises with: {feature}"),
    (False, -1): N_("falls with: {feature}"),
}
MANY = 100  # steps: from here on no more than two digits are meant


def line_in_words(line: Mapping[str, Any], tokens: str, *, scored: bool = True) -> str:
    """What does a unit do, by its card's `line`? `tokens` is what its model's steps are called, several of them.

    As "follows: inside quotation marks (AUC 0.997, by chance at most 0.760); remembers 40 characters; resets at: line break".
    Without the scores where not `scored`.
    """
    parts = []
    if line.get("follows"):
        own = line["follows"]
        chance = _("by chance at most {chance}").format(chance=in_digits(own.get("shuffled")))
        sentence = _((FOLLOWS if scored else BARE)[bool(own["binary"]), int(own["sign"])])
        parts.append(
            sentence.format(feature=feature_title(own["feature"]), score=in_digits(own["score"]), chance=chance)
        )
    if line.get("remembers"):
        own = line["remembers"]
        sentence = _("remembers at least {length}") if own.get("at_least") else _("remembers {length}")
        parts.append(sentence.format(length=steps_in_words(own["half_life"], tokens)))
    if line.get("resets"):
        parts.append(_("resets at: {feature}").format(feature=feature_title(line["resets"]["feature"])))
    return "; ".join(parts) or _("nothing found")


def in_digits(score: float | None) -> str:
    """A score with three digits after the point; a dash for none."""
    return "–" if score is None or not isfinite(score) else f"{score:.3f}"


def steps_in_words(steps: float | None, tokens: str) -> str:
    """A half-life: "40 characters"."""
    if steps is None or not isfinite(steps):
        return "–"
    count = f"{float(f'{steps:.2g}'):,.0f}" if steps >= MANY else f"{steps:.0f}" if steps >= 10 else f"{steps:.1f}"
    return _("{count} {tokens}").format(count=count, tokens=tokens)
