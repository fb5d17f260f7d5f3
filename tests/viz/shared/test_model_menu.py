"""The menu "Model" and the switch "Before training", on pages as the server draws them."""

import pytest
from streamlit.testing.v1 import AppTest

from lstm_core import ByteEncoder, Card, ModelConfig, SequenceModel, model_files, user_models
from tests.support.apps import begun, opened
from viz.live.limit import LIMIT
from viz.shared import cached

MENU, SWITCH = "widget:model:", "widget:before_training:"


def switches(app: AppTest) -> list[bool]:
    assert not app.exception
    return [toggle.value for toggle in app.toggle if toggle.label == "Before training"]


def shown(app: AppTest) -> tuple[str, str]:
    """The model in the menu and the one that is read."""
    return app.selectbox(key=MENU).value, app.session_state["model"]


def test_the_menu_has_each_model_once_in_the_order_of_the_groups():
    options = opened().selectbox(key=MENU).options
    assert len(options) == 10
    assert options[0] == "Shakespeare, byte by byte · 2.145 bits per character · Language"
    groups = [option.rpartition(" · ")[2] for option in options]
    assert list(dict.fromkeys(groups)) == ["Language", "Counting and grammar", "Numbers and series"]
    assert sorted(groups, key=groups.index) == groups


def test_the_switch_is_the_same_model_before_training_and_stays_when_the_model_is_changed():
    app = begun("what-if", text="SaabbT", model="anbn")
    assert switches(app) == [False]
    app.toggle(key=SWITCH).set_value(True).run()
    assert shown(app) == ("anbn (untrained)", "anbn (untrained)")
    assert app.text_input(key="widget:text:line").value == "SaabbT"
    before = app.get("plotly_chart")[0].proto.spec
    app.toggle(key=SWITCH).set_value(False).run()
    assert shown(app) == ("anbn", "anbn")
    assert app.get("plotly_chart")[0].proto.spec != before
    app.toggle(key=SWITCH).set_value(True).run()
    app.selectbox(key=MENU).set_value("brackets (untrained)").run()
    assert switches(app) == [True]
    assert app.session_state["model"] == "brackets (untrained)"
    assert app.selectbox(key=MENU).options[5].startswith("Nested brackets · ")


def test_a_link_restores_both_and_other_pages_follow():
    app = opened(model="shakespeare (untrained)", text="Hark")
    assert switches(app) == [True]
    assert app.selectbox(key=MENU).options[0].startswith("Shakespeare, byte by byte")
    app.switch_page("viz/memory/page.py").run()
    assert switches(app) == [True]
    app.toggle(key=SWITCH).set_value(False).run()
    app.switch_page("viz/explore/page.py").run()
    assert switches(app) == [False]
    assert shown(app) == ("shakespeare", "shakespeare")


def test_an_older_link_to_explore_says_it_in_another_way():
    app = opened(before="true", text="Hark")
    assert shown(app) == ("shakespeare (untrained)", "shakespeare (untrained)")
    app.toggle(key=SWITCH).set_value(False).run()
    assert shown(app) == ("shakespeare", "shakespeare")


@pytest.mark.parametrize("page", ["compare", "step"])
def test_where_both_are_shown_there_is_a_switch_only_to_leave_the_untrained_model(page):
    assert switches(begun(page, text="Hark")) == []
    app = begun(page, text="Hark", model="shakespeare (untrained)")
    assert switches(app) == [True]
    app.toggle(key=SWITCH).set_value(False).run()
    assert switches(app) == []
    assert shown(app) == ("shakespeare", "shakespeare")


def test_explore_in_the_browser_has_the_switch_of_its_component_alone(monkeypatch):
    monkeypatch.delenv(LIMIT)
    app = opened(model="anbn (untrained)", text="SaabbT")
    assert switches(app) == []
    [sent] = [one.proto for one in app.get("bidi_component") if "explore_host" in one.proto.component_name]
    assert '"before":true' in sent.mixed.json.replace(" ", "")


@pytest.fixture
def _by_hand(tmp_path, monkeypatch):
    """A model that was saved without a training: nobody knows what it was before."""
    monkeypatch.setenv(user_models.VARIABLE, str(tmp_path))
    model = SequenceModel(ModelConfig(ByteEncoder(), 4, 8), seed=1)
    model.card = Card(name="by hand")
    model_files.save(model, tmp_path / "models" / "by hand")
    cached.forget("by hand")
    yield
    cached.forget("by hand")


@pytest.mark.usefixtures("_by_hand")
def test_a_model_without_an_untrained_one_has_no_switch_and_opens_on_every_page(monkeypatch):
    app = opened(text="Hark", model="by hand (untrained)")
    assert shown(app) == ("shakespeare", "shakespeare")  # there is no such model
    app.selectbox(key=MENU).set_value("by hand").run()
    for page in ("explore", "compare", "memory"):
        app.switch_page(f"viz/{page}/page.py").run()
        assert shown(app) == ("by hand", "by hand")
        assert switches(app) == []
    monkeypatch.delenv(LIMIT)
    for page in ("explore", "step"):
        app.switch_page(f"viz/{page}/page.py").run()
        assert shown(app) == ("by hand", "by hand")
        assert switches(app) == []
        assert "Beside the untrained model" not in [toggle.label for toggle in app.toggle]
