"""What is taken home says what it shows, in its name and inside, and is safe to name and to open."""

import html
import re
import zipfile
from urllib.parse import parse_qs, urlsplit

import plotly.graph_objects as go
import pytest

from lstm_core import Recording
from tests.support.apps import opened
from tests.viz.figures.test_figures import layer_of
from tests.viz.shared.test_prediction_text import LABELS, TOKENS
from viz.figures import heatmaps
from viz.shared import downloads
from viz.shared.exports import LONGEST_SLUG, About, captioned, standalone_html, zarr_archive
from viz.what_if.link_format import read as held_of
from viz.what_if.link_format import told

HOSTILE = '</title><script>alert("x")</script> & <b>"bold"</b>'


@pytest.mark.parametrize(
    ("model", "text", "name"),
    [
        ("shakespeare", "O Romeo, Romeo!", "gatescope-shakespeare-heatmaps-o-romeo-romeo.html"),
        ("anbn (untrained)", "SaabbT", "gatescope-anbn-untrained-heatmaps-saabbt.html"),
        ("a/../b", "..\\..\\con:\0\n", "gatescope-a-b-heatmaps-con.html"),
        ("Größe", "Ça va, naïve?", "gatescope-groe-heatmaps-ca-va-naive.html"),
    ],
)
def test_a_file_is_named_after_model_figure_and_text(model, text, name):
    assert About(model, text).file_name("heatmaps", "html") == name


@pytest.mark.parametrize("text", ["你好，世界", "🎭", "", "\ud800", "x" * 5000, "word " * 2000, "@1 14.3 17.4 " * 500])
def test_a_name_is_short_and_safe_whatever_was_typed(text):
    name = About("模型", text).file_name("heatmaps", "zarr.zip")
    assert re.fullmatch(r"gatescope-text-[0-9a-f]{8}-heatmaps-[a-z0-9-]+\.zarr\.zip", name)
    assert len(name) <= 2 * LONGEST_SLUG + 60
    assert "--" not in name
    other = About("模型", text + "你").file_name("heatmaps", "zarr.zip")
    assert name != other or re.search("[a-z0-9]", text)  # two Chinese texts have two names


def test_an_html_file_names_model_text_settings_and_link_and_none_of_them_is_markup():
    about = About(HOSTILE, HOSTILE, (("clamped", "forget = 0.5"), (HOSTILE, HOSTILE)), "/?model=a&text=%3Cb%3E")
    page = standalone_html(go.Figure(layout={"height": 300}), "Heatmaps", about).decode()
    head = page.split("</head>")[0].split("<script")[0]
    told_of = {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'<meta name="([^"]*)" content="([^"]*)">', head)
    }
    assert told_of["model"] == told_of["text"] == told_of[HOSTILE] == HOSTILE
    assert (told_of["clamped"], told_of["link"]) == ("forget = 0.5", "/?model=a&text=%3Cb%3E")
    assert told_of["generator"].startswith("Gatescope")
    assert html.unescape(re.search("<title>(.*?)</title>", head).group(1)).startswith(
        f"Heatmaps: {HOSTILE}, “{HOSTILE}”"
    )
    assert "<script>alert" not in page
    assert "<b>" not in page.split("Plotly.newPlot", 1)[1]


def test_a_figure_that_is_taken_home_has_a_caption_below_and_a_toolbar_above_its_letters():
    draw = heatmaps(layer_of("abc"), signals=["forget", "cell"], order=[0, 1, 2])
    about = About("anbn", "a <b> " * 60, (("unit", "3"), ("clamped", "forget = 0.5 in units 0, 2")))
    made = captioned(draw, about)
    (note,) = [one for one in made.layout.annotations if one.name == "caption"]
    words = note.text.replace("<br>", " ").replace("\N{NO-BREAK SPACE}", " ")
    assert " · As many b's as a's · “a &lt;b&gt; a " in words
    assert words.endswith("…” · unit: 3 · clamped: forget = 0.5 in units 0, 2")
    assert note.yshift == -draw.layout.margin.b  # below the letters
    above, below = (made.layout.margin[side] - draw.layout.margin[side] for side in "tb")
    assert above >= 30
    assert below >= 15 * len(note.text.split("<br>"))
    assert made.layout.height - draw.layout.height == above + below  # the figure itself stays as large
    assert not any(one.name == "caption" for one in draw.layout.annotations)


def test_a_recording_that_is_taken_home_says_whose_it_is(tmp_path):
    recording = Recording({"layer0": layer_of(TOKENS)}, LABELS)
    (tmp_path / "it.zip").write_bytes(zarr_archive(recording, About("anbn", "你好 <b>", (), "/?model=anbn")))
    with zipfile.ZipFile(tmp_path / "it.zip") as archive:
        archive.extractall(tmp_path)
    again = Recording.load(tmp_path / "recording.zarr")
    assert (again.prediction.attrs["model"], again.prediction.attrs["text"]) == ("anbn", "你好 <b>")
    assert again.prediction.attrs["link"] == "/?model=anbn"
    assert again.prediction.attrs["kind"] == "labels"
    assert "model" not in recording.prediction.attrs


@pytest.fixture
def taken(monkeypatch) -> dict[str, About]:
    """What is told of each HTML that a page offers, by the name of its file."""
    found: dict[str, About] = {}
    button = downloads.st.download_button

    def noting(label, **options):
        if str(options["file_name"]).endswith(".html"):
            (about,) = [
                one.cell_contents for one in options["data"].__closure__ if isinstance(one.cell_contents, About)
            ]
            found[options["file_name"]] = about
        return button(label, **options)

    monkeypatch.setattr(downloads.st, "download_button", noting)
    return found


@pytest.mark.parametrize(
    ("page", "query", "settings"),
    [
        (
            "explore",
            {"sort": "index", "unit": "2", "step": "3"},
            {"units sorted by": "index", "unit": "2", "step": "3"},
        ),
        ("explore", {}, {"unit": "0", "step": "5"}),  # those that the page chose
        ("compare", {"sort": "index"}, {"layer": "layer0", "units sorted by": "index"}),
        ("what_if", {"held": "forget_0.5_u0-2"}, {"clamped": "forget = 0.5, units 0, 2"}),
        ("what_if", {"step": "3"}, {"clamped": "forget = 1", "step": "3"}),
        ("memory", {"written_at": "2"}, {"written at step": "2"}),
        ("gradients", {"target_step": "3"}, {"target step": "3"}),
    ],
)
def test_a_page_says_what_its_exports_show(taken, page, query, settings):
    app = opened(model="anbn", text="SaabbT", **query)
    taken.clear()
    app.switch_page(f"viz/{page}/page.py").run()
    assert not app.exception
    assert taken
    for name, about in taken.items():
        assert name.startswith("gatescope-anbn-")
        assert name.endswith("-saabbt.html")
        assert (about.model_name, about.text) == ("anbn", "SaabbT")
        link = urlsplit(about.link)
        assert link.path == {"explore": "/", "what_if": "/what-if"}.get(page, f"/{page}")
        asked = parse_qs(link.query)
        assert (asked["model"], asked["text"]) == (["anbn"], ["SaabbT"])
        for key, value in query.items():
            assert asked[key] == [value]
    last = list(taken.values())[-1]
    assert settings.items() <= dict(last.settings).items()


def test_every_button_and_the_camera_have_such_names():
    app = opened(model="anbn", text="SaabbT")
    configs = [chart.proto.config for chart in app.get("plotly_chart")]
    assert all(
        f'"gatescope-anbn-{key}-saabbt"' in config for key, config in zip(("heatmaps", "traces"), configs, strict=True)
    )


def test_what_is_held_is_told_in_words():
    for form, words in (
        ("forget_0.5_u0-2_s3-9", "forget = 0.5, units 0, 2, steps 3 to 9"),
        ("cell_-1.25_u7_s4-", "cell = -1.25, unit 7, from step 4"),
        ("output_0", "output = 0"),
    ):
        assert told(held_of(form, "layer0")) == words
