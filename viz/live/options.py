"""What can be chosen in a live view, for every host: Streamlit, a notebook, one file, a site."""

from typing import Any, Literal, TypedDict, cast, get_args

__all__ = ["CARDS", "ORDERS", "WHICH", "Card", "LiveOptions", "Order", "Which", "chosen", "defaults"]

Order = Literal["telling", "index", "variability", "similarity", "timescale"]
Which = Literal["telling", "all", "pick"]
Card = Literal["signals", "does", "because"]
ORDERS: tuple[Order, ...] = get_args(Order)
WHICH: tuple[Which, ...] = get_args(Which)
CARDS: tuple[Card, ...] = get_args(Card)


class LiveOptions(TypedDict):
    """What a view shows. A host only translates: from its own widgets, address or arguments into this, and back."""

    text: str
    layer: str  # as in a recording; "" for the first
    signals: list[str]  # by name; none for all
    sort: Order  # the order of rows
    which: Which  # units that have a row: the most telling, all, or `units`
    units: list[int]
    unit: int | None  # the selected unit; None for the one that the model's card names, or the most telling
    step: int | None  # the selected step; None for the last
    zoom: tuple[int, int] | None  # the first step shown and the one after the last; None for all
    span: tuple[int, int] | None  # the steps that are marked, likewise; None for none
    before: bool  # the model before training, not the trained one
    card: (
        Card  # what is open of the selected unit: its signals, what it does, or why the model predicts what it predicts
    )


def defaults() -> LiveOptions:
    """What a view shows unless something else is chosen: everything of an empty text."""
    return LiveOptions(
        text="",
        layer="",
        signals=[],
        sort="telling",
        which="telling",
        units=[],
        unit=None,
        step=None,
        zoom=None,
        span=None,
        before=False,
        card="signals",
    )


def chosen(text: str, **options: Any) -> LiveOptions:
    """This text and what else is chosen; the rest as usual. Raises ValueError for an option that there is not."""
    unknown = sorted(set(options) - set(LiveOptions.__annotations__))
    if unknown:
        raise ValueError(f"unknown options {', '.join(unknown)}: a view has {', '.join(LiveOptions.__annotations__)}")
    return cast(LiveOptions, {**defaults(), **options, "text": text})
