"""The cards of the page Models."""

from pathlib import Path

import streamlit as st

from lstm_core import Card, ModelConfig
from viz.locale import N_, _
from viz.models.cached import Look, load_look, rnn_card
from viz.shared import controls, state
from viz.shared.cached import describe, has_untrained, unreadable
from viz.shared.example_picker import take_model
from viz.shared.imported_models import badge, own_models
from viz.shared.model_facts import FACTS, peers_in_words, score_in_words, title_of
from viz.shared.shipped_lines import has_cards
from viz.shared.wording import layers_in_words, network_in_words, plain, shortened, what_it_reads

PAGES = Path(__file__).parents[1]
LEADS = (  # from a card: title, folder and icon of a page
    (N_("Explore"), "explore", "grid_on"),
    (N_("Step"), "step", "footprint"),
    (N_("Units"), "units", "scatter_plot"),
)
BETTER = {True: N_("More is better."), False: N_("Less is better.")}


def show_group(names: list[str]) -> None:
    """A card for each of these models, two in a row."""
    for first in range(0, len(names), 2):
        for column, name in zip(st.columns(2), names[first : first + 2], strict=False):
            with column, st.container(border=True, key=f"card-{name}"):
                show_card(name)


def show_card(name: str) -> None:
    config, card = describe(name)
    look = load_look(name, dark=controls.is_dark())
    st.markdown(f"### {plain(title_of(name))}")
    st.markdown(f"{plain(_(card.summary))}" if card.summary else f"{what_it_reads(config)}.")
    _show_picture(name, look)
    _show_score(name, card)
    st.caption("  \n".join(_facts(name, config, card, look)))
    _offer_pages(name, card)


def _show_picture(name: str, look: Look) -> None:
    if look.picture is None:
        st.caption(_("There is no example to draw its gates on."))
        return
    alt = _("The gates of {model} on its example “{example}”").format(model=title_of(name), example=_(look.example))
    st.image(look.picture, width="stretch", alt=alt)


def _show_score(name: str, card: Card) -> None:
    mine = own_models().get(name)
    if mine is not None:
        st.markdown(f"{badge(mine)} {plain(mine.parity.line_in(_))}")
    score = score_in_words(name, card)
    if not score:
        return
    st.markdown(f"**{plain(score[0].upper() + score[1:])}**")
    peers = peers_in_words(card, rnn_card(name))
    better = _(BETTER[bool(card.evaluation.get("higher_is_better"))])
    if peers:
        peers_told = plain("; ".join(peers))
        st.caption(_("Compared with: {peers}. {better}").format(peers=peers_told, better=better))


def _facts(name: str, config: ModelConfig, card: Card, look: Look) -> list[str]:
    """Lines of Markdown: what it was scored on, data, licence, size, and its name elsewhere."""
    lines, known, mine = [], FACTS.get(name), own_models().get(name)
    if card.evaluation.get("held_out"):
        lines.append(_("**Scored on** {data}").format(data=plain(_(str(card.evaluation["held_out"])))))
    data = plain(_(str(card.training["data"]))) if card.training.get("data") else ""
    if mine is not None:
        data = plain(shortened(mine.source))
    if data:
        told = f"[{data}]({known.link})" if known is not None and known.link else data
        lines.append(_("**Data** {data}").format(data=told) if mine is None else _("**From** {data}").format(data=told))
    if known is not None:
        lines.append(_("**Licence of the data** {licence}").format(licence=plain(_(known.licence))))
    network = _("{network}, {layers}, {count} parameters").format(
        network=network_in_words(config), layers=layers_in_words(config), count=f"{look.parameters:,}"
    )
    lines.append(_("**Size** {size}").format(size=plain(network)))
    if mine is None:
        lines.append(_("**In links and in Python** {name}").format(name=f"`{name}`"))
    if not has_untrained(name):
        lines.append(_("It is not known what it was before training."))
    return lines


def _offer_pages(name: str, card: Card) -> None:
    """ "Explore" and "Step" with this model, "Units" where something is known of them, and what others reached."""
    with st.container(horizontal=True):
        for title, folder, icon in LEADS:
            if folder == "units" and not has_cards(name):
                continue
            if st.button(_(title), key=f"{folder}-{name}", icon=f":material/{icon}:"):
                take_model(name)
                if folder == "units":  # all of them, over the text that comes with the model
                    state.set_value("unit", None)
                    state.set_value("corpus", "")
                st.switch_page(PAGES / folder / "page.py")
        published = card.evaluation.get("literature")
        if published:
            with st.popover(_("Published results"), type="tertiary"):
                st.markdown(plain(_(str(published))))


def show_unreadable() -> None:
    """The reader's models that cannot be opened, each with the reason."""
    for name, why in unreadable().items():
        sentence = _("**{model}** cannot be opened: {reason}").format(model=plain(name), reason=plain(why))
        st.warning(sentence, icon=":material/error:")
