"""One HTML file in which a model reads, anywhere: opened from a disk, without Python, with the network cut.

Scripts, styles, model and weights are in the file. Its content security policy forbids every connection and every script but
its own. What a reader or a model's file has written goes through JSON in a block that is no script, and `textContent`.
"""

import base64
import hashlib
import html
import json
from functools import cache
from pathlib import Path
from typing import Any

from lstm_core import SequenceModel
from viz.browser.modules import messages, script
from viz.live.packing import packed
from viz.live.pair import Pair, pair_of
from viz.locale import _, language
from viz.shared.exports import maker
from viz.shared.model_facts import title_of
from viz.shared.prediction_text import NOTHING
from viz.shared.wording import SPOKEN

__all__ = ["PAGES", "export_page", "frame", "policy"]

HERE = Path(__file__).parent
BROWSER = HERE.parent / "browser"
STEP = HERE.parent / "step"
PAGES = {  # what a page may show first: the HTML that it is made of, each with its styles beside it
    "explore": (HERE / "explore_view.html",),
    "step": (HERE / "step_view.html", STEP / "stepper.html"),
}
FRAME_HEIGHT = 680  # pixels: all of Explore in an iframe of 1000 or more


def export_page(
    model: SequenceModel | str | Pair,
    text: str | None = None,
    *,
    page: str = "explore",
    site: bool = False,
    **options: Any,
) -> str:
    """A page that shows a model reading a text, to be written into a file in UTF-8: `model` itself, or its name.

    `options` are those of LiveOptions, such as `unit=3`. A page of a `site` has a link to the others. Raises KeyError for a
    name that there is not, ValueError for other options and TooLargeError for a model that no page holds.
    """
    if page not in PAGES:
        raise ValueError(f"no page {page!r}: there are {', '.join(PAGES)}")
    pair = model if isinstance(model, Pair) else pair_of(model)
    view = pair.view(pair.options(text, **options), _messages())
    view |= {"spoken": SPOKEN, "nothing": NOTHING}
    first, *others = view["models"]
    view["models"] = [first, *({name: one[name] for name in ("name", "title", "weights")} for one in others)]
    return _HTML.format(
        policy=policy(_styles(), *map(_styles_of, PAGES), code=_code()),
        language=language(),
        maker=html.escape(maker()),
        title=_as_text(f"{title_of(pair.name)} - Gatescope"),
        summary=_as_text(_(pair.model.card.summary)),
        styles=_styles(),
        head=_read(HERE / "standalone.html"),
        pages="\n".join(map(_main, PAGES)),
        needs=html.escape(_("This page draws with JavaScript, which is switched off here.")),
        given=_as_json({"view": view, "page": page, "site": site}),
        weights="\n".join(
            _element("script", packed(content), type="text/plain", data_weights=id_)
            for id_, content in pair.weights().items()
        ),
        code=_code(),
    )


def frame(address: str, title: str) -> str:
    """The HTML that shows a page within another."""
    size = {"width": "100%", "height": str(FRAME_HEIGHT)}
    return _element("iframe", "", src=f"{address}#embed", title=title, **size, loading="lazy")


def policy(*styles: str, code: str = "") -> str:
    """The content security policy of a page with this script and these styles: nothing else runs, and nothing is loaded."""
    rules = {
        "default-src": ["'none'"],
        "script-src": [_hash(code), "'wasm-unsafe-eval'"] if code else ["'none'"],
        "style-src": map(_hash, styles),
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in rules.items())


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _element(tag: str, inside: str, **attributes: str) -> str:
    """An element; what is inside is HTML, and attributes are text. An underscore in a name stands for a hyphen."""
    written = "".join(f' {name.replace("_", "-")}="{_as_text(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>{inside}</{tag}>"


def _as_text(words: str) -> str:
    return html.escape(words.encode("utf-8", "replace").decode())


def _as_json(value: object) -> str:
    """JSON that no reader of HTML takes for anything else: no tag, no comment and no line separator can arise."""
    return json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _code() -> str:
    code = f"\n{script('standalone', HERE)}\n"
    if "</script" in code.lower() or "<!--" in code:
        raise ValueError("the scripts hold a text that would end them within a page")
    return code


def _main(name: str) -> str:
    inside = _element("style", _styles_of(name)) + "".join(map(_read, PAGES[name]))
    return _element("main", _element("template", inside), data_page=name, hidden="")


@cache
def _styles() -> str:
    return "".join(_read(HERE / name) for name in ("ground.css", "standalone.css"))


@cache
def _styles_of(name: str) -> str:
    return "".join(map(_read, [BROWSER / "shared.css", *(page.with_suffix(".css") for page in PAGES[name])]))


@cache
def _messages() -> list[str]:
    return [
        *messages("standalone", HERE),
        *(one for pages in PAGES.values() for page in pages for one in messages(page.stem, page.parent)),
        *SPOKEN.values(),
        NOTHING,
    ]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


_HTML = """<!doctype html>
<html lang="{language}" class="ground light">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="{maker}">
<meta name="description" content="{summary}">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{styles}</style>
</head>
<body>
{head}
{pages}
<noscript>{needs}</noscript>
<script type="application/json" id="gatescope">{given}</script>
{weights}
<script type="module">{code}</script>
</body>
</html>
"""
