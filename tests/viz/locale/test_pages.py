"""Every page in a made-up language: what is not in the catalogue stays English, and stands out."""

import gettext
import re
from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.apps import begun, figures
from viz import locale

# Pages that are wholly in the catalogue: each page's address, and what its link says. A page may have several links.
PAGES: list[tuple[str, dict[str, str]]] = [
    ("explore", {"text": "", "signals": ""}),
    ("memory", {}),
    ("memory", {"model": "anbn", "text": "SaabbT", "feature": "Your own marking", "marks": "001010"}),
    ("gradients", {"model": "embedded_reber", "text": "BPBPTTTTVPXTTTVPSEPE", "target_step": "17"}),
    ("gradients", {"model": "weather", "text": "6.7 5.9 8.1 7.2", "gradient": "read"}),
    ("gradients", {"text": "Hark who", "target": "loss"}),
    ("step", {}),
    ("step", {"model": "sentiment", "text": "a good glorp film", "beside": "true"}),
    ("step", {"text": "to be", "written": "100", "writer": "shakespeare", "opened": "gone"}),
]
SHOWN = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success")
WIDGETS = ("selectbox", "multiselect", "radio", "checkbox", "toggle", "slider", "select_slider", "number_input", "text_input",
           "text_area", "button", "download_button", "button_group", "expander", "tabs")  # fmt: skip
WORDS = re.compile(r"[^\W\d_]{3,}(?: [^\W\d_]{2,})+")  # two words that follow each other


class MadeUp(gettext.NullTranslations):
    """Each sentence in brackets of its own, and nothing else."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, count: int) -> str:
        return f"⟦{one if count == 1 else many}⟧"


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(locale, "catalogue", cache(lambda _language: MadeUp()))
    before = locale.follow(lambda: "made up")
    yield
    locale.follow(before)


def english(text: str) -> list[str]:
    """What of a text is in no brackets, and is words."""
    depth, bare = 0, []
    for letter in text:
        depth += {"⟦": 1, "⟧": -1}.get(letter, 0)
        bare.append(letter if depth == 0 else " ")
    return WORDS.findall(re.sub(r"`[^`]*`|<[^>]*>|https?://\S+", " ", "".join(bare)).replace("  ", "\n"))


def seen(app: AppTest) -> Iterator[str]:
    """Every text on the page that the page itself makes: not the reader's, not names of models or files."""
    for kind in SHOWN:
        for element in app.get(kind):
            yield str(element.value)
    for kind in WIDGETS:
        for element in app.get(kind):
            yield str(getattr(element.proto, "label", ""))
            yield str(getattr(element.proto, "help", ""))
            yield str(getattr(element.proto, "placeholder", ""))
    for element in app.get("download_button"):
        yield element.proto.label
        yield element.proto.help
    for element in app.get("plotly_chart"):
        yield element.proto.alt
    for element in app.table:
        yield from map(str, [element.value.index.name, *element.value.columns, *element.value.to_numpy().ravel()])
    for figure in figures(app):
        yield from _drawn(figure)


def _drawn(figure: dict) -> Iterator[str]:
    layout = figure["layout"]
    yield (layout.get("title") or {}).get("text", "")
    for one in layout.get("annotations", []):
        yield one["text"]
    for name, axis in layout.items():
        if "axis" in name:
            yield (axis.get("title") or {}).get("text", "")
            yield from map(str, axis.get("ticktext") or [])
    for trace in figure["data"]:
        yield str(trace.get("hovertemplate") or "")
        yield str(trace.get("name") or "")


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize(("page", "link"), PAGES)
def test_a_page_in_a_made_up_language_has_no_english_left(page, link):
    app = begun(page, **link)
    assert not app.exception
    assert [(text, left) for text in seen(app) if (left := english(text))] == []


def test_english_outside_of_the_brackets_is_found():
    assert english("⟦Unit 3⟧ is **open** ⟦at {0}⟧") == []
    assert english("⟦Unit⟧: which of these units ⟦opens⟧") == ["which of these units"]
