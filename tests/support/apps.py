"""The app without a browser, as tests of pages open it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

TABS = (
    "ledger",
    "remembered",
    "timescale",
    "saturation",
    "tracking",
    "film",
    "units",
    "gates",
    "map",
    "backward",
    "ranking",
    "moves",
    "tokens",
    "phrase",
    "integrated",
    "held",
)  # of all pages, by the names that links have
T = TypeVar("T")
APP = str(Path(__file__).parents[2] / "app.py")


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def begun(page: str, **query: str | list[str]) -> AppTest:
    """A visit that begins with the page of that address."""
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app._page_hash = calc_hash(page)  # switch_page knows a page's address only after a run, which would be of Explore
    return app.run()


def figures(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def in_every_tab(app: AppTest, read: Callable[[AppTest], list[T]]) -> list[T]:
    """What `read` finds on the page with each of its tabs open in turn, in their order, and what stands outside of them once."""
    found: list[T] = []
    for _name in tabs_opened(app):
        found += [one for one in read(app) if one not in found]
    return found


def tabs_opened(app: AppTest) -> Iterator[str]:
    """The name of each tab of the page, once it is open; "" for a page without tabs."""
    offered = next((group for group in app.button_group if group.key == "widget:tab:"), None)
    if offered is None:
        yield ""
        return
    titled = offered.format_func
    for name in TABS:
        try:
            titled(name)
        except KeyError:
            continue
        next(group for group in app.button_group if group.key == "widget:tab:").set_value(name).run()
        assert not app.exception
        yield name
