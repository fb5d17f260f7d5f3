"""The catalogue: sentences are looked up in the reader's language, and the template holds all that are in the code."""

import gettext
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import pretrained
from lstm_core.tasks import TASKS
from viz import locale
from viz.browser.modules import messages
from viz.locale import N_, Deferred, _, ngettext

ROOT = Path(__file__).parents[3]
TEMPLATE = ROOT / "viz/locale/gatescope.pot"


def translations(**sentences: str | tuple[str, str]) -> gettext.GNUTranslations:
    """A compiled catalogue, as a translator's file becomes one."""
    made = Catalog(locale="de")
    for english, german in sentences.items():
        made.add((english, f"{english}s") if isinstance(german, tuple) else english, german)
    compiled = io.BytesIO()
    write_mo(compiled, made)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    found = translations(step="Schritt", unit=("Einheit", "Einheiten"))
    monkeypatch.setattr(locale, "catalogue", lambda language: found if language == "de" else gettext.NullTranslations())
    before = locale.follow(lambda: "de")
    yield
    locale.follow(before)


@pytest.mark.usefixtures("german")
def test_a_sentence_is_looked_up_in_the_readers_language():
    assert _("step") == "Schritt"
    assert [ngettext("unit", "units", count) for count in (1, 2)] == ["Einheit", "Einheiten"]


@pytest.mark.usefixtures("german")
def test_what_has_no_translation_stays_english_and_nothing_is_nothing():
    assert _("gate") == "gate"
    assert _("") == ""
    assert N_("step") == "step"


@pytest.mark.usefixtures("german")
def test_the_language_is_asked_for_at_every_look_up():
    assert _("step") == "Schritt"
    before = locale.follow(lambda: "en")
    assert _("step") == "step"
    locale.follow(before)
    assert _("step") == "Schritt"


@pytest.mark.usefixtures("german")
def test_a_component_is_given_the_sentences_that_differ():
    assert locale.translated(["step", "gate"]) == {"step": "Schritt"}


@cache
def extracted() -> set[tuple[str, ...]]:
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, method_map=methods, options_map=options, keywords=KEYWORDS)
    return {
        message if isinstance(message, tuple) else (message,) for _file, _line, message, _comments, _context in found
    }


KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}


def test_the_template_holds_every_marked_sentence():
    with TEMPLATE.open("rb") as file:
        template = read_po(file)
    listed = {entry.id if isinstance(entry.id, tuple) else (entry.id,) for entry in template if entry.id}
    assert listed == extracted(), "run `make messages`"


@pytest.mark.parametrize("name", pretrained.zoo())
def test_the_template_holds_what_a_model_shows_of_its_card_and_its_task(name):
    card, found = pretrained.load(name, device="cpu").card, {one for entry in extracted() for one in entry}
    task = TASKS[str(card.training["task"])]
    assert {card.summary, card.look_for, str(card.evaluation["measure"]), *card.examples} <= found
    assert {task.title, task.summary, task.look_for, task.measure} <= found


@pytest.mark.usefixtures("german")
def test_a_deferred_sentence_is_looked_up_when_it_is_shown():
    assert isinstance(Deferred("step"), str)
    assert str(Deferred("step")) == "Schritt"


def test_a_components_sentences_are_those_that_babel_finds_in_its_modules(tmp_path):
    (tmp_path / "entry.js").write_text('import { two } from "./other.js";\nconst a = _("A \\"step\\"");\n')
    (tmp_path / "other.js").write_text('export const two = fill(\n  _(\n    "Unit {unit}",\n  ),\n  {});\n')
    assert sorted(messages("entry", tmp_path)) == ['A "step"', "Unit {unit}"]
