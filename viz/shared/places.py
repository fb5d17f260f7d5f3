"""A place of a longer text that Explore opens, to look for the units that are on there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viz.browser.reveal import reveal
from viz.shared import state
from viz.shared.example_picker import take

EXPLORE = Path(__file__).parents[1] / "explore" / "page.py"
PATTERN = "pattern-part"  # the key of what "Find this pattern" opens there


def take_place(place: Mapping[str, Any], **chosen: object) -> None:
    """Take a place as the text, with its steps marked and one of them selected; `chosen` are further choices, by their names.

    `place` has a `text`, `span`, the first marked step and the one after the last, and `step`.
    """
    start, stop = (int(one) for one in place["span"])
    take(str(place["text"]))
    for key, value in {"span": f"{start}-{stop}", "step": int(place["step"]), "zoom": "", **chosen}.items():
        state.set_value(key, value)


def reveal_pattern() -> None:
    """Let the browser scroll to what "Find this pattern" opens."""
    reveal(PATTERN, framed=False)
