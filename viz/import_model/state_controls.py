"""The state before the first step of an imported model, where its file leaves that to whoever runs it."""

import re

import streamlit as st

from lstm_core.importers import Chain, starting, state_sizes
from viz.locale import N_, _, ngettext
from viz.shared.wording import plain, shortened

ZEROS, TYPED = N_("zeros"), N_("typed numbers")
STATES = {
    ("hidden", False): N_("Hidden state of layer {layer}"),
    ("hidden", True): N_("Hidden state of layer {layer}, backward"),
    ("cell", False): N_("Cell state of layer {layer}"),
    ("cell", True): N_("Cell state of layer {layer}, backward"),
}
NAME = re.compile(r"initial_(hidden|cell)_l(\d+)(_reverse)?")
MAX_CHARS = 200_000


def choose_state(chain: Chain, key: str) -> Chain:
    """ "State before the first step", asked only where it is given to the model: the chain that begins in it.

    Raises ValueError for what is typed and is not a number for each unit.
    """
    if not chain.given:
        return chain
    asked = st.segmented_control(
        _("State before the first step"),
        [ZEROS, TYPED],
        default=ZEROS,
        required=True,
        wrap=True,
        key=f"state-{key}",
        format_func=_,
        help=_("Whoever runs this model gives it the state before the first step, so it is not in the file."),
    )
    if asked == ZEROS:
        return chain
    sizes = state_sizes(chain)
    rows = {}
    for name, called in chain.given.items():
        title, units = _title(name), sizes[name]
        typed = st.text_area(
            f"{title} ({plain(shortened(called))})",
            key=f"state-{name}-{key}",
            height=68,
            max_chars=MAX_CHARS,
            placeholder=ngettext(
                "{count:,} number; zero if left empty",
                "{count:,} numbers, separated by commas; zeros if left empty",
                units,
            ).format(count=units),
        )
        if typed.strip():
            rows[name] = _numbers(typed, title, units)
    return starting(chain, rows)


def _title(name: str) -> str:
    found = NAME.fullmatch(name)
    if found is None:  # a Chain has no others
        return name
    return _(STATES[found[1], bool(found[3])]).format(layer=found[2])


def _numbers(typed: str, title: str, units: int) -> list[float]:
    pieces = [piece for piece in re.split(r"[\s,;\[\]()]+", typed) if piece]
    numbers = []
    for piece in pieces:
        try:
            numbers.append(float(piece))
        except ValueError as error:
            raise ValueError(
                _("{title}: {piece} is no number").format(title=title, piece=repr(shortened(piece)))
            ) from error
    if len(numbers) != units:
        counted = ngettext("{title}: {given:,} of {count:,} number", "{title}: {given:,} of {count:,} numbers", units)
        raise ValueError(counted.format(title=title, given=len(numbers), count=units))
    return numbers
