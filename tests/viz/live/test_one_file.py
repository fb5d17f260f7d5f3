"""One HTML file with a model in it: what is in it is what was put in, and nothing else can run or be loaded."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

import pretrained
from tests.support import odd_models
from tests.viz.live.test_packing import unpacked
from viz.live.limit import LIMIT
from viz.live.one_file import export_page, frame
from viz.live.pair import Pair, TooLargeError

AWKWARD = "</script><script>alert(1)</script><!-- --> \u2028\u2029 &amp; \" ' ` \\ \0 \r\n é🎭 שלום \ud800 {title} %s </ScRiPt >"


class Elements(HTMLParser):
    """Every element of a page with its attributes and, of scripts, styles and titles, its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.inside: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))
        self.inside = self.found[-1][2]

    def handle_endtag(self, _tag):
        self.inside = []

    def handle_data(self, data):
        self.inside.append(data)

    def of(self, tag):
        return [(attributes, "".join(text)) for name, attributes, text in self.found if name == tag]


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def given(page: str) -> dict:
    [text] = [text for attributes, text in Elements(page).of("script") if attributes.get("id") == "gatescope"]
    return json.loads(text)


def test_a_page_holds_the_model_and_itself_before_training_to_the_bit():
    page = export_page("anbn", "SaabbT", unit=2)
    view = given(page)["view"]
    assert view["options"]["text"] == "SaabbT"
    assert view["options"]["unit"] == 2
    weights = {
        attributes["data-weights"]: unpacked(text)
        for attributes, text in Elements(page).of("script")
        if "data-weights" in attributes
    }
    models = [pretrained.load("anbn", device="cpu"), pretrained.untrained("anbn", device="cpu")]
    assert weights == Pair("anbn", *models).weights()
    assert [one["weights"] for one in view["models"]] == list(weights)


def test_only_its_own_script_and_styles_run_and_nothing_is_loaded():
    page = export_page("anbn", "SaabbT")
    elements = Elements(page)
    [policy] = [
        attributes["content"]
        for attributes, _ in elements.of("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    [code] = [text for attributes, text in elements.of("script") if attributes.get("type") == "module"]
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"{digest(code)} 'wasm-unsafe-eval'"
    assert rules["style-src"].split() == [digest(text) for _, text in elements.of("style")]
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}
    assert rules["img-src"] == "data:"
    assert {rules["base-uri"], rules["form-action"]} == {"'none'"}
    assert not any("src" in attributes or "style" in attributes for _, attributes, _ in elements.found)
    assert [attributes["href"] for _, attributes, _ in elements.found if "href" in attributes] == [
        "data:,",
        "index.html",
    ]


def test_what_people_wrote_stays_text():
    usual = Elements(export_page(Pair("anbn", odd_models.model("gru")), "a"))
    page = export_page(Pair(AWKWARD, odd_models.model("gru")), AWKWARD)
    elements = Elements(page)
    assert [name for name, _, _ in elements.found] == [name for name, _, _ in usual.found]
    view = given(page)["view"]
    assert view["options"]["text"] == AWKWARD
    assert view["models"][0]["name"] == AWKWARD
    assert len(re.findall(r"</script", page, re.IGNORECASE)) == len(elements.of("script"))
    page.encode("utf-8")  # a lone surrogate is in JSON alone


def test_the_largest_of_the_small_models_with_itself_before_training_takes_three_and_a_half_megabytes():
    assert len(export_page("shakespeare", "O Romeo").encode()) < 3_500_000


def test_what_cannot_be_exported_is_one_sentence(monkeypatch):
    with pytest.raises(KeyError, match="there is no model 'nobody'"):
        export_page("nobody")
    with pytest.raises(ValueError, match="no page 'film': there are explore, step"):
        export_page("anbn", page="film")
    monkeypatch.setenv(LIMIT, "0.0001")
    with pytest.raises(TooLargeError, match="a page holds at most"):
        export_page("anbn")


def test_the_html_of_a_frame_quotes_what_it_is_given():
    assert frame('a"b.html', "<x>").startswith('<iframe src="a&quot;b.html#embed" title="&lt;x&gt;" ')
