"""ONNX files as protobuf writes them: what a file would unfold to, found by its tags before anything is parsed."""

from functools import cache
from typing import Any

import onnx

from lstm_core.importers.limits import LIMITS, UnreadableFile

MAX_FIELDS = 500_000  # of protobuf's, so that counting them takes two seconds at most
MAX_NODES = 50_000
MAX_MESSAGE_DEPTH = 40  # messages within messages; a graph within a graph adds three
PAYLOAD = ("raw_data", "float_data", "double_data")  # the fields that may be large: as many bytes as in memory
VARINT, EIGHT, LENGTH, FOUR = 0, 1, 2, 5  # protobuf's wire types; its groups are in no ONNX file


def check_description(content: bytes) -> None:
    """Is this an ONNX file whose description is small enough to be parsed, and which holds its weights itself?

    Two bytes can unfold to a hundred, so nodes, tensors and fields are counted first. Raises UnreadableFile.
    """
    walk = _Walk(content)
    walk.message(0, len(content), onnx.ModelProto.DESCRIPTOR.full_name, 0)
    described = len(content) - walk.payload
    if described > LIMITS.metadata:
        raise UnreadableFile(
            f"this graph takes {described / 1e6:,.1f} MB without the numbers of its weights; "
            f"Gatescope reads up to {LIMITS.metadata / 1e6:,.0f}: export the recurrent part of the model alone"
        )


class _Walk:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.fields = self.nodes = self.tensors = self.payload = 0

    def message(self, position: int, end: int, kind: str, depth: int) -> None:
        """Walk over the message of that kind between two positions; one loop and no calls, for there are many fields."""
        if depth > MAX_MESSAGE_DEPTH:
            raise UnreadableFile(
                f"this graph has other graphs within it, more than {MAX_MESSAGE_DEPTH} messages deep: "
                "export the recurrent part of the model alone"
            )
        self._count(kind)
        content, meanings = self.content, _meanings()[kind]
        while position < end:
            tag, position = content[position], position + 1
            if tag >= 0x80:
                tag, position = self._varint(position - 1, end)
            self.fields += 1
            if self.fields > MAX_FIELDS:
                raise _too_many("fields", MAX_FIELDS)
            wire, meaning = tag & 7, meanings.get(tag >> 3)
            if wire in (EIGHT, FOUR):
                position += 8 if wire == EIGHT else 4
                continue
            if wire not in (VARINT, LENGTH):
                raise damaged()
            value, position = self._varint(position, end)
            if wire == VARINT:
                if meaning == "data_location" and value & 0xFFFFFFFF == onnx.TensorProto.EXTERNAL:
                    raise _external()
                continue
            if value > end - position:
                raise damaged()
            if meaning is not None:
                self._within(meaning, position, position + value, depth)
            position += value
        if position != end:
            raise damaged()

    def _within(self, meaning: str, position: int, end: int, depth: int) -> None:
        if meaning == "external_data":
            raise _external()
        if meaning in PAYLOAD:
            self.payload += end - position
        elif meaning in _meanings():
            self.message(position, end, meaning, depth + 1)

    def _count(self, kind: str) -> None:
        self.nodes += kind == onnx.NodeProto.DESCRIPTOR.full_name
        self.tensors += kind == onnx.TensorProto.DESCRIPTOR.full_name
        if self.nodes > MAX_NODES:
            raise _too_many("nodes", MAX_NODES)
        if self.tensors > LIMITS.tensors:
            raise _too_many("tensors", LIMITS.tensors)

    def _varint(self, position: int, end: int) -> tuple[int, int]:
        value = shift = 0
        while position < end and shift < 70:
            byte = self.content[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, position
            shift += 7
        raise damaged()


@cache
def _meanings() -> dict[str, dict[int, str]]:
    """For each kind of message in an ONNX file: which of its fields are messages, of which kind, or matter otherwise?"""
    found: dict[str, dict[int, str]] = {}
    waiting: list[Any] = [onnx.ModelProto.DESCRIPTOR]
    while waiting:
        kind = waiting.pop()
        if kind.full_name not in found:
            inner = {field.number: field.message_type for field in kind.fields if field.message_type is not None}
            found[kind.full_name] = {number: one.full_name for number, one in inner.items()}
            waiting += inner.values()
    tensor: Any = onnx.TensorProto.DESCRIPTOR
    for name in (*PAYLOAD, "external_data", "data_location"):
        found[tensor.full_name][tensor.fields_by_name[name].number] = name
    return found


def damaged() -> UnreadableFile:
    return UnreadableFile("this file is damaged, cut off or no ONNX file: export the model again and upload it whole")


def _external() -> UnreadableFile:
    return UnreadableFile(
        "this file keeps its weights in another file beside it, which is not read: save both as one, with "
        "torch.onnx.export(..., external_data=False) or with onnx.save(onnx.load(path), another_path)"
    )


def _too_many(what: str, most: int) -> UnreadableFile:
    return UnreadableFile(
        f"this graph has more than {most:,} {what}, and Gatescope reads no more: "
        "export the recurrent part of the model alone"
    )
