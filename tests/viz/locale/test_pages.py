"""Every page in a made-up language: what is not in the catalogue stays English, and stands out."""

import gettext
import re
from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.testing.v1 import AppTest

from lstm_core.importers import ImportedModel
from lstm_core.runs import Folder, Request
from lstm_core.runs.worker import work
from lstm_core.settings import Settings
from lstm_core.stack import Layout
from lstm_core.tasks import Size
from tests.support.apps import begun, figures, tabs_opened
from tests.support.chains import chain_of
from viz import locale
from viz.import_model.controls import FOUND

# Pages that are wholly in the catalogue: each page's address, and what its link says. A page may have several links.
PAGES: list[tuple[str, dict[str, str]]] = [
    ("explore", {"text": "", "signals": ""}),
    ("explore", {}),
    ("explore", {"model": "anbn", "text": "SaabbxT", "unit": "2", "step": "3"}),
    ("explore", {"model": "temperature", "text": "20.5 19 21"}),
    ("explore", {"model": "sentiment", "text": "a good glorp film"}),
    ("explore", {"text": "to be or not " * 30, "written": "100", "writer": "shakespeare", "opened": "gone"}),
    ("compare", {}),
    ("compare", {"model": "anbn", "text": "SaabbT", "other": "embedded_reber", "signal": "cell"}),
    ("what-if", {}),
    ("what-if", {"model": "anbn", "text": "SaaabbbT", "held": "forget_0.5_u0-2", "turn": "same", "ranked": "true"}),
    ("train", {}),
    ("train", {"task": "text"}),
    ("train", {"task": "series"}),
    ("import", {}),
    ("units", {"model": "anbn"}),
    ("units", {"model": "anbn", "unit": "3"}),
    ("models", {}),
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
OF_MODELS = "next minimum temperature (°C)"  # what a model calls its outputs is in its file, as its labels are
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
    for letter in text.replace("<br>", " ").replace(OF_MODELS, ""):
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


def assert_translated(app: AppTest) -> None:
    assert not app.exception
    assert [(text, left) for text in seen(app) if (left := english(text))] == []


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize(("page", "link"), PAGES)
def test_a_page_in_a_made_up_language_has_no_english_left(page, link):
    app = begun(page, **link)
    assert_translated(app)
    for _tab in tabs_opened(app):
        assert_translated(app)


def test_english_outside_of_the_brackets_is_found():
    assert english("⟦Unit 3⟧ is **open** ⟦at {0}⟧") == []
    assert english("⟦Unit⟧: which of these units ⟦opens⟧") == ["which of these units"]


@pytest.mark.usefixtures("made_up")
def test_neither_has_import_after_a_file():
    chain = chain_of(Layout(6, 8), classes=3, outputs=3)
    app = begun("import")
    app.session_state[FOUND] = (
        "0",
        "model.pt",
        ImportedModel("PyTorch", "state dict (.pt)", (chain,), tuple("abc"), "'stoi'"),
    )
    app.run()
    assert_translated(app)
    next(button for button in app.button if button.label == "⟦Open⟧").click().run()
    assert_translated(app.switch_page("viz/explore/page.py").run())


@pytest.mark.usefixtures("made_up")
def test_neither_has_train_after_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_HOME", str(tmp_path))
    settings = Settings(steps=10, batch=2, score_every=4)
    work(Folder.create(tmp_path / "runs" / ("A" * 16), Request("copy", Size(3), settings), None).path)
    app = begun("train", run="A" * 16)
    assert_translated(app)
