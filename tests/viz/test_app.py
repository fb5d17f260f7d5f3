"""The pages without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.apps import figures, opened


def test_explore_shows_six_heatmaps_and_six_rows_of_traces():
    app = opened()
    assert not app.exception
    heatmaps, traces = figures(app)
    names = [trace.get("name") for trace in heatmaps["data"]]
    assert names[-6:] == ["input", "forget", "output", "candidate", "cell", "hidden"]
    assert sum(trace["type"] == "scatter" and trace.get("mode") == "markers" for trace in traces["data"]) == 6


def test_gates_are_never_autoscaled():
    for text in ("a", "aaaa bbbb"):
        for trace in figures(opened(text=text))[0]["data"]:
            if trace.get("name") in ("input", "forget", "output"):
                assert (trace["zmin"], trace["zmax"]) == (0, 1)
            if trace.get("name") in ("candidate", "hidden"):
                assert (trace["zmin"], trace["zmax"]) == (-1, 1)
            if trace.get("name") == "cell":
                assert trace["zmin"] == -trace["zmax"]


@pytest.mark.parametrize("page", ["viz/explore/page.py", "viz/compare/page.py"])
def test_an_empty_text_is_a_hint(page):
    app = opened()
    app.switch_page(page).run()
    app.text_input(key="widget:text:line").set_value("").run()
    assert not app.exception
    assert "Type a text above" in app.info[0].value
    assert not app.get("plotly_chart")


def test_names_and_numbers_that_there_are_not_fall_back():
    nonsense = {
        "model": "nobody",
        "layer": "layer7",
        "unit": "9999",
        "step": "77777",
        "signals": "smell",
        "sort": "size",
    }
    app = opened(**nonsense, units="99999", lines="maybe")
    assert not app.exception
    assert app.selectbox[0].value == "shakespeare"
    assert app.number_input[0].value is None
    assert len(figures(app)) == 2


def test_no_signal_chosen_is_a_hint():
    app = opened()
    app.get("button_group")[0].set_value([]).run()
    assert not app.exception
    assert "at least one signal" in app.info[0].value


def test_a_long_text_is_windowed_and_the_window_can_be_chosen():
    text = "".join(chr(97 + step % 26) for step in range(500))
    app = opened(text=text)
    assert len(figures(app)[0]["data"][0]["x"]) == 200
    assert figures(app)[0]["data"][0]["x"][-1] == f"499  {text[499]}"
    app.number_input(key="widget:first:").set_value(100).run()
    assert figures(app)[0]["data"][0]["x"][0] == f"100  {text[100]}"


def test_a_very_long_text_is_drawn_in_block_means():
    app = opened(text="to be or not " * 300, window="all")
    figure = figures(app)[0]
    assert not app.exception
    assert "mean of" in figure["layout"]["title"]["text"]
    assert len(figure["data"][0]["x"]) <= 400


@pytest.mark.parametrize("page", ["viz/explore/page.py", "viz/compare/page.py"])
def test_pages_follow_each_other_with_one_text(page):
    app = opened(text="one text")
    app.switch_page(page).run()
    assert not app.exception
    assert app.text_input(key="widget:text:line").value == "one text"


def test_compare_has_three_columns_for_each_signal_two_summaries_and_what_was_learnt():
    app = opened(text="one text")
    app.switch_page("viz/compare/page.py").run()
    comparison, distributions, saturations, learning = figures(app)
    assert len(comparison["data"]) == 4 * 3
    assert len(distributions["data"]) == 3 * 2
    assert len(saturations["data"]) == 3 * 3
    assert len(learning["data"]) == 3


def test_step_writes_on_as_the_link_says_and_takes_it_back():
    app = opened(text="one text", written="40", writer="shakespeare", temperature="0.7", seed="2")
    app.switch_page("viz/step/page.py").run()
    assert not app.exception
    assert "last 40 tokens were written by **shakespeare** (temperature 0.7, seed 2)" in "".join(
        caption.value for caption in app.caption
    )
    next(button for button in app.button if button.label == "Take it back").click().run()
    assert not app.exception
    assert app.session_state["written"] is None


def test_a_changed_text_drops_what_was_written_after_it():
    app = opened(text="one text", written="40", writer="shakespeare")
    app.text_input(key="widget:text:line").set_value("another text").run()
    assert app.session_state["written"] is None
    assert "written by" not in "".join(caption.value for caption in app.caption)


def chosen(app: AppTest, model: str) -> str:
    """The text that stands there with another model."""
    app.selectbox(key="widget:model:").set_value(model).run()
    assert not app.exception
    return app.text_input(key="widget:text:line").value


def test_a_text_comes_back_with_the_model_it_was_chosen_for():
    app = opened(text="She said 'I know not what to say', and then 'Farewell, my lord', and he was gone.")
    quoted = app.text_input(key="widget:text:line").value
    own = {model: chosen(app, model) for model in ("anbn", "temperature", "brackets")}  # an example of each, in turn
    assert len({quoted, *own.values()}) == 4
    assert chosen(app, "shakespeare") == quoted
    assert chosen(app, "anbn") == own["anbn"]


def test_a_typed_text_stays_with_a_model_of_few_letters_which_says_what_it_does_not_read():
    app = opened(text="S is a test T")
    assert chosen(app, "anbn") == "S is a test T"
    assert "are not in this model's vocabulary, so they are not read" in app.warning[0].value.replace("\\", "")
    x = figures(app)[0]["data"][0]["x"]
    assert [label[-1] for label in x] == ["S", "a", "T"]
    assert chosen(app, "shakespeare") == "S is a test T"
    assert len(figures(app)[0]["data"][0]["x"]) == 13


def test_an_example_taken_because_nothing_could_be_read_gives_the_text_back():
    app = opened(text="[x]", model="temperature")
    next(button for button in app.button if button.label == "Take an example").click().run()
    assert app.text_input(key="widget:text:line").value != "[x]"
    assert chosen(app, "brackets") == "[x]"


def test_beside_names_the_other_state_of_the_model():
    app = opened(text="abc", model="shakespeare (untrained)")
    app.switch_page("viz/step/page.py").run()
    assert "Beside the trained model" in [toggle.label for toggle in app.toggle]
