"""The one sentence of the page Compare that says what was measured."""

from lstm_core.analysis import MeanDifference
from lstm_core.cells import CellType
from viz.locale import N_, _
from viz.shared.model_facts import UNTRAINED, name_before, titles_beside
from viz.shared.wording import plain
from viz.theme import signal_of

KINDS = {name: name for name in (
    N_("spaces"),
    N_("line ends"),
    N_("punctuation marks"),
    N_("capital letters"),
    N_("vowels"),
    N_("digits"),
)}  # fmt: skip
LEAST = 0.005  # what two means in two digits can differ by
RULE = N_(
    "Of each gate, the mean over all units: at all timesteps shown, and at each kind of token that comes three times. The largest "
    "difference between the two models is named."
)


def largest_difference(found: MeanDifference | None, names: tuple[str, str], cell_type: CellType) -> str:
    """Where do the two models differ most, with both means? As Markdown."""
    if found is None:
        return _("No unit has numbers in both models, so there is no mean to compare.")
    first, second = names
    if found.size < LEAST:
        return _("**On average the two do not differ**: no mean of a gate by more than {least}.").format(least=LEAST)
    values = {"signal": signal_of(found.signal, cell_type).title.lower(), "where": _where(found)}
    one, other = f"{found.first:.2f}", f"{found.second:.2f}"
    if name_before(first) != name_before(second):
        if found.signal == "hidden":
            sentence = _(
                "Largest difference: {where} the mean size of the {signal} is **{one}** in “{model}”, **{second}** in “{other}”."
            )
        else:
            sentence = _(
                "Largest difference: {where} the mean {signal} is **{one}** in “{model}”, **{second}** in “{other}”."
            )
        titles = titles_beside(first, second)
        return sentence.format(one=one, second=other, model=plain(titles[0]), other=plain(titles[1]), **values)
    before, after = (one, other) if first.endswith(UNTRAINED) else (other, one)
    if found.signal == "hidden":
        sentence = _(
            "Largest change in training: {where} the mean size of the {signal} went **from {before} to {after}**."
        )
    else:
        sentence = _("Largest change in training: {where} the mean {signal} went **from {before} to {after}**.")
    return sentence.format(before=before, after=after, **values)


def _where(found: MeanDifference) -> str:
    if not found.kind:
        return _("over the whole text")
    if found.is_token:
        return _("at “{token}”").format(token=plain(found.kind))
    return _("at {kind}").format(kind=_(KINDS[found.kind]))
