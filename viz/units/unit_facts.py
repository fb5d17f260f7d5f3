"""A unit's card, as its view in the browser takes it: plain JSON, with every word in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lstm_core import GATES, SIGNALS, ModelConfig
from viz.locale import N_, _
from viz.shared.features import feature_title
from viz.shared.unit_lines import in_digits, steps_in_words
from viz.shared.wording import step_noun, step_nouns
from viz.theme import SIGNAL, described, limits, signal_of, symmetric

FIFTHS = (
    ("fifth 5", N_("highest fifth")),
    ("fifth 4", N_("fourth fifth")),
    ("fifth 3", N_("middle fifth")),
    ("fifth 2", N_("second fifth")),
    ("fifth 1", N_("lowest fifth")),
)
HIGH_OR_LOW = {1: N_("{signal} high"), -1: N_("{signal} low")}
MOST_PUSHES = 6


def unit_facts(
    card: Mapping[str, Any],
    config: ModelConfig,
    signal: str,
    passages: Mapping[str, Sequence[Mapping[str, Any]]] | None,
) -> dict[str, Any]:
    """The card of a unit for `unit_view.js`; `passages` are those of `signal`, by list; None while they are read."""
    cell_type = config.cell(card["layer"]).type
    names = {"token": step_noun(config.encoder), "tokens": step_nouns(config.encoder)}
    return {
        "unit": card["unit"],
        "layer": card["layer"],
        "signal": signal,
        "lists": None if passages is None else _lists(passages),
        "histogram": card["histograms"].get(signal),
        "saturation": _saturation(card, cell_type),
        "features": _features(card, cell_type),
        "output": {key: pushes if key == "reason" else pushes[:MOST_PUSHES] for key, pushes in card["output"].items()}
        | {"reason": _(card["output"]["reason"])},
        "gates": _gates(card, cell_type),
        "lines": _lines(card, names),
        "nearest": card["nearest"] or [],
        "training": _training(card, cell_type),
    }


def signals_shown(card: Mapping[str, Any], cell_type: str) -> list[dict[str, Any]]:
    """How the signals of a card are coloured: a signed signal's scale ends where 98 % of the unit's own values do."""
    found = []
    for name, histogram in card["histograms"].items():
        ends = limits(name)
        if name in ("cell", "hidden", "candidate") and histogram["low"] is not None:
            ends = symmetric(name, (_usual_reach(histogram),))
        found.append(described(name, ends=ends, cell_type=cell_type))
    return found


def _usual_reach(histogram: Mapping[str, Any]) -> float:
    """The distance from 0 that 98 % of the steps are within: the scale's end, as elsewhere."""
    count = np.array(histogram["count"])
    edge = np.linspace(histogram["low"], histogram["high"], len(count) + 1)
    away = np.maximum(np.abs(edge[:-1]), np.abs(edge[1:]))
    order = np.argsort(away)
    within = np.cumsum(count[order]) / max(count.sum(), 1)
    return float(away[order][np.searchsorted(within, 0.98)])


def _lists(passages: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    return {
        "fifths": [{"title": _(title), "passages": passages.get(name, [])} for name, title in FIFTHS],
        "top": [{"title": _("Highest"), "passages": passages.get("top", [])}],
        "bottom": [{"title": _("Lowest"), "passages": passages["bottom"]}] if "bottom" in passages else [],
    }


def _saturation(card: Mapping[str, Any], cell_type: str) -> list[dict[str, Any]]:
    rows = []
    for name, own in card["histograms"].items():
        if own["below"] is None:
            continue
        signal = signal_of(name, cell_type)
        shares = {"below": own["below"], "above": own["above"]}
        rows.append({"symbol": signal.symbol, "title": signal.title, "colour": signal.colour, **shares})
    return rows


def _features(card: Mapping[str, Any], cell_type: str) -> list[dict[str, Any]]:
    """What was tested of the unit, the strongest first; `kept` is what its line has."""
    rows = []
    for question, own in (card["following"] or {}).items():
        if own["score"] is None:
            continue
        signal = signal_of(own["signal"], cell_type).title.lower()
        where = _(HIGH_OR_LOW[int(own["sign"])]).format(signal=signal)
        title = _("{feature} ({where})").format(feature=feature_title(own["feature"]), where=where)
        interval = f"{in_digits(own['low'])} – {in_digits(own['high'])}"
        numbers = {key: in_digits(own.get(name)) for key, name in (("chance", "shuffled"), ("untrained", "untrained"))}
        kept = card["line"].get(question) is not None
        rows.append({"title": title, "score": in_digits(own["score"]), "interval": interval, **numbers, "kept": kept})
    return rows


def _gates(card: Mapping[str, Any], cell_type: str) -> list[dict[str, Any]]:
    rows = []
    for name, own in (card["gates"] or {}).items():
        pushes = {key: own[key][:MOST_PUSHES] for key in ("tokens_up", "tokens_down", "units_up", "units_down")}
        signal = described(name, ends=limits(name), cell_type=cell_type)
        rows.append({"signal": signal, **pushes, "reason": _(own["reason"])})
    order = [name for name in GATES if name in (card["gates"] or {})]
    return sorted(rows, key=lambda row: order.index(row["signal"]["name"]) if row["signal"]["name"] in order else 99)


def in_signed_digits(value: float) -> str:
    """A small number with its sign and a true minus: +0.0324."""
    return f"{value:+.4f}".replace("-", "−")


def _lines(card: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Short facts, a name and what is known."""
    found = []
    if card["timescale"] is not None:
        own = card["timescale"]
        low = steps_in_words(own["low"], names["tokens"])
        half = (
            _("at least {steps}").format(steps=low)
            if own["at_least"]
            else steps_in_words(own["half_life"], names["tokens"])
        )
        found.append((_("half its memory is left after"), half))
    cost = card["knock_out"]
    if cost is not None and cost["cost"] is not None:
        bits = cost["in"] == "bits"
        unit = _("bits a {token}").format(token=names["token"]) if bits else _("in the loss, in the value's own unit")
        found.append((_("silencing it costs"), f"{in_signed_digits(cost['cost'])} {unit}"))
    if card["learnt_at"] is not None:
        found.append((_("half learnt by"), _("training step {step}").format(step=f"{card['learnt_at']:,}")))
    return found


def _training(card: Mapping[str, Any], cell_type: str) -> dict[str, Any] | None:
    own = card["gates_over_training"]
    if not own:
        return None
    gates = []
    for name in SIGNALS:
        if name in own and SIGNAL[name].gate:
            signal = signal_of(name, cell_type)
            gates.append({"symbol": signal.symbol, "title": signal.title, "colour": signal.colour, "means": own[name]})
    return {"steps": own["step"], "gates": gates}
