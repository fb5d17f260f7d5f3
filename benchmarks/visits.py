"""Readers without a browser: visits over Streamlit's own websocket protocol, which send and count what a browser does."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

PATIENCE = 60.0  # seconds for an answer
PROTOCOL = [Subprotocol("streamlit")]
REMEMBERED = 2  # runs for which a browser keeps a large message

WORDS = ("now", "is", "the", "winter", "of", "our", "discontent", "made", "glorious", "summer", "sun", "york", "clouds")
LENGTH = 100  # characters of a text

Change = Callable[["Visit", str], WidgetState]  # what a browser sends when its reader has typed this text


class FailedVisitError(RuntimeError):
    """The page shows an exception, or the server closed the connection."""


FAILURES = (FailedVisitError, TimeoutError, OSError, WebSocketException)


class Visit:
    """One tab of a reader's browser, made by `visiting`."""

    def __init__(self, socket: ClientConnection, page: str, query: str) -> None:
        self._socket, self._page, self._query, self._hash = socket, page, query, ""
        self._known: dict[str, tuple[ForwardMsg, int]] = {}  # large messages, and the run that last used each
        self._states: dict[str, WidgetState] = {}
        self._runs = 0
        self.elements: dict[tuple[int, ...], Element] = {}  # on the page, by place
        self.bytes = 0  # received

    async def send(self, *states: WidgetState) -> float:
        """Change widgets, and return the seconds until the page's script has finished."""
        self._states |= {state.id: state for state in states}
        took = await self.run()
        for state in states:
            if state.WhichOneof("value") in ("trigger_value", "json_trigger_value"):
                del self._states[state.id]
        return took

    async def run(self) -> float:
        """Run the page's script, and return the seconds until it has finished. Raises FailedVisitError or TimeoutError."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self._query, self._hash
        asked.page_name = "" if self._hash else self._page
        asked.widget_states.widgets.extend(self._states.values())
        asked.cached_message_hashes.extend(self._known)
        asked.context_info.timezone, asked.context_info.locale = "UTC", "en-GB"
        began = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        await asyncio.wait_for(self._answered(), PATIENCE)
        took = time.perf_counter() - began
        self._runs += 1
        self._known = {id_: (kept, run) for id_, (kept, run) in self._known.items() if self._runs - run <= REMEMBERED}
        return took

    async def _answered(self) -> None:
        self.elements = {}
        while True:
            data = await self._socket.recv(decode=False)
            self.bytes += len(data)
            message = ForwardMsg.FromString(data)
            match message.WhichOneof("type"):
                case "new_session":
                    self._hash, self.elements = message.new_session.page_script_hash, {}
                case "navigation":
                    self._hash = message.navigation.page_script_hash
                case "delta":
                    self._take(message, message)
                case "ref_hash":
                    known, _ = self._known[message.ref_hash]
                    self._take(known, message)
                case "script_finished":
                    if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                        return
                    if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                        raise FailedVisitError("the script does not compile")

    def _take(self, message: ForwardMsg, place: ForwardMsg) -> None:
        if message.hash and (message is not place or message.metadata.cacheable):
            self._known[message.hash] = (message, self._runs)
        if message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        if element.WhichOneof("type") == "exception":
            raise FailedVisitError(f"{element.exception.type}: {element.exception.message}")
        self.elements[tuple(place.metadata.delta_path)] = element

    def field(self, label: str) -> str:
        """The id of the field with this label. Raises FailedVisitError."""
        for element in self.elements.values():
            if element.WhichOneof("type") == "text_input" and element.text_input.label == label:
                return str(element.text_input.id)
        raise FailedVisitError(f"the page has no field {label!r}")

    def component(self, name: str) -> BidiComponent | None:
        """The component of this name, if the page has it."""
        for element in self.elements.values():
            if element.WhichOneof("type") == "bidi_component" and element.bidi_component.component_name == name:
                return element.bidi_component
        return None


@asynccontextmanager
async def visiting(url: str, page: str = "", query: str = "") -> AsyncIterator[Visit]:
    """A visit whose page has run once, until the end of the block."""
    stream = url.replace("http", "ws", 1) + "/_stcore/stream"
    async with connect(
        stream, subprotocols=PROTOCOL, max_size=None, ping_interval=None, open_timeout=PATIENCE
    ) as socket:
        visit = Visit(socket, page, query)
        await visit.run()
        yield visit


def typed(visit: Visit, text: str) -> WidgetState:
    """A text in the field "Text"."""
    return WidgetState(id=visit.field("Text"), string_value=text)


def rested(visit: Visit, text: str) -> WidgetState:
    """A text in Explore's or Step's component, which reads it itself and reports it when the reader rests; else as `typed`."""
    component = visit.component("gatescope.explore_host")
    value: dict[str, Any] = {"version": 1, "steps": len(text)}
    if component is not None:
        sent = json.loads(component.mixed.json or component.json)
        value |= {"options": {**sent["options"], "text": text}, "version": sent["version"] + 1}
    else:
        component = visit.component("gatescope.stepper")
        value |= {"step": 0, "unit": None, "text": text}
    if component is None:
        return typed(visit, text)
    event = json.dumps([{"event": "rested", "value": value}])
    return WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{component.id}__events", json_trigger_value=event)


def written(chance: np.random.Generator) -> str:
    """A text of LENGTH characters."""
    words = ""
    while len(words) < LENGTH:
        words += f"{WORDS[chance.integers(len(WORDS))]} "
    return words[:LENGTH]
