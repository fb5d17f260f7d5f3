"""The page Compare without a browser: by what names it calls two models."""

from streamlit.testing.v1 import AppTest

from tests.support.apps import begun, figures

ORDER = "Which came first, X or Y?"


def headings(app: AppTest) -> list[str]:
    """Above the heatmaps."""
    return [one["text"] for one in figures(app)[0]["layout"]["annotations"]]


def test_models_have_their_titles_in_the_menu_and_above_the_heatmaps():
    app = begun("compare", model="anbncn", text="abcabc", unit="1")
    (menu,) = (one for one in app.selectbox if one.label == "Compare with")
    assert list(menu.options) == ["itself before training", ORDER, f"{ORDER}, before training"]
    assert headings(app)[:2] == ["after training", "before training"]
    menu.set_value("temporal_order").run()
    assert not app.exception
    assert headings(app)[:2] == ["As many b's and c's as a's", ORDER]
    shown = " ".join(one.value for one in (*app.markdown, *app.caption, *app.info)).replace("\\", "")
    assert "in “As many b's and c's as a's”, **0." in shown
    assert f"in “{ORDER}”." in shown
    assert "temporal_order" not in shown
    assert app.button(key="all-about-unit").label == "All about unit 1"
