"""What the camera button of a chart saves: the chart, a caption, and a line at the chosen step.

On the page these would be in the way: the words are above the chart already, and a line drawn by Plotly would send the
chart again with every click. So they are added only while the picture is taken.
"""

from collections.abc import Mapping
from pathlib import Path

from viz.browser.component import component

__all__ = ["watch"]

_component = component("camera", Path(__file__).parent)


def watch(caption: Mapping[str, object], room: int) -> None:
    """Add `caption`, an annotation of Plotly's, to every picture taken on this page, with `room` pixels for it below."""
    _component(key="camera", data={"caption": dict(caption), "room": room}, height="content")
