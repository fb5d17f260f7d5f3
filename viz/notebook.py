"""A live view in a notebook: `show(model, "text")` and `show(recording)`, in JupyterLab, VS Code, Colab and marimo.

The model runs in the browser: the reader types, and no kernel is asked. Where nothing runs, on GitHub or out of nbconvert, there is
a picture. Needs `pip install "gatescope[notebook]"`.
"""

import base64
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import viz.live
from lstm_core import Recording, SequenceModel, record
from viz.browser.modules import messages, script
from viz.live.one_file import BROWSER, PAGES
from viz.live.options import LiveOptions, chosen
from viz.live.pair import Pair, pair_of
from viz.live.recorded import recorded, recorded_facts
from viz.live.still import still
from viz.live.view import view_of_cells
from viz.locale import _
from viz.shared.model_facts import title_of
from viz.theme import cell_type_of

if TYPE_CHECKING:
    from anywidget import AnyWidget

__all__ = ["show"]

HERE = Path(viz.live.__file__).parent


def show(shown: SequenceModel | Recording | Pair | str, text: str | None = None, **options: Any) -> "AnyWidget":
    """A model, or its name, reading a text that can be changed; or a recording with its own numbers.

    `options` are those of LiveOptions, such as `unit=3`; the widget's `options` follow what the reader chooses, and can be set.
    Raises ImportError without anywidget, KeyError for a name that there is not, ValueError for other options.
    """
    return _of_recording(shown, text, options) if isinstance(shown, Recording) else _of_model(shown, text, options)


def _of_model(model: SequenceModel | Pair | str, text: str | None, options: dict[str, Any]) -> "AnyWidget":
    pair = model if isinstance(model, Pair) else pair_of(model)
    start = pair.options(text, **options)
    view = pair.view(start, _messages())
    reading = {"view": view, "options": start, "weights": pair.weights(), "recorded": None}
    return _widget()(_picture=lambda now: _still(record(pair.model, now["text"]), title_of(pair.name), now), **reading)


def _of_recording(recording: Recording, text: str | None, options: dict[str, Any]) -> "AnyWidget":
    if text is not None:
        raise ValueError("a recording has its own text: show(recording) takes none")
    facts = recorded_facts(recording, _("Recording"))
    start = chosen(("" if not facts["apart"] else " ").join(recording.tokens), **options)
    view = view_of_cells([facts], map(cell_type_of, recording.layers.values()), start, _messages())
    view |= {"fixed": True, "about": _("Recorded earlier: the model is not here, so only this text is shown.")}
    numbers = {"view": view, "options": start, "weights": {}, "recorded": recorded(recording)}
    return _widget()(_picture=lambda now: _still(recording, _("Recording"), now), **numbers)


def _still(recording: Recording, name: str, options: LiveOptions) -> bytes:
    return still(recording, f"{name}: {' '.join(options['text'].split())}", layer=options["layer"])


@cache
def _widget() -> type["AnyWidget"]:
    """The class of the widget; anywidget and traitlets are imported here, where they are needed."""
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ImportError(
            _('show needs anywidget, which is not installed: pip install "gatescope[notebook]"')
        ) from error

    class LiveView(anywidget.AnyWidget):
        """The view, its options, and what it reads with: `Traits` in notebook.js."""

        _esm = script("notebook", HERE, exports=True)
        page = traitlets.Unicode(_page()).tag(sync=True)
        view = traitlets.Dict().tag(sync=True)
        options = traitlets.Dict().tag(sync=True)
        weights = traitlets.Dict().tag(sync=True)
        recorded = traitlets.Dict(allow_none=True).tag(sync=True)

        def __init__(self, *, _picture: Callable[[LiveOptions], bytes], **traits: Any) -> None:
            super().__init__(**traits)
            self._picture = _picture

        def _repr_mimebundle_(self, **how: Any) -> Any:
            """The view, and beside it a picture for where nothing runs."""
            made: tuple[dict[str, Any], dict[str, Any]] | None = super()._repr_mimebundle_(**how)
            bundle, about = made or ({}, {})
            bundle["text/plain"] = f"Gatescope: {self.view['models'][0]['name']}, {self.options['text']!r}"
            with suppress(ValueError):  # of nothing, or of what the model cannot read, there is no picture
                picture = self._picture(cast(LiveOptions, self.options))
                bundle["image/png"] = base64.b64encode(picture).decode()
            return bundle, about

    return LiveView


def _page() -> str:
    """Markup and styles of the view, which stay within a root of their own."""
    (explore,) = PAGES["explore"]
    sheets = (BROWSER / "shared.css", HERE / "ground.css", HERE / "notebook.css", explore.with_suffix(".css"))
    return "<style>{}</style><div class=ground>{}</div>".format(
        "".join(path.read_text(encoding="utf-8") for path in sheets), explore.read_text(encoding="utf-8")
    )


@cache
def _messages() -> list[str]:
    return messages("notebook", HERE, markup="explore_view")
