"""Files as TensorFlow writes them, written here without TensorFlow and without the reader's own code."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

MAGIC = struct.pack("<II", 0x8B80FB57, 0xDB477524)
KINDS = {"float32": 1, "float64": 2, "int32": 3, "int64": 9, "float16": 19}
Files = dict[str, bytes]


def crc32c(content: bytes) -> int:
    """Bit by bit, as slowly as its definition is."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(content: bytes) -> int:
    crc = crc32c(content)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


# --- protobuf ----------------------------------------------------------------------------------------------------------


def varint(number: int) -> bytes:
    found = b""
    while number >= 0x80:
        found += bytes([number & 0x7F | 0x80])
        number >>= 7
    return found + bytes([number])


def field(number: int, value: int | bytes | str) -> bytes:
    """A field with a number, or with a text or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def fixed(number: int, value: int) -> bytes:
    return varint(number << 3 | 5) + struct.pack("<I", value)


# --- the table ---------------------------------------------------------------------------------------------------------


def block(entries: Iterable[tuple[bytes, bytes]], restart: int = 16) -> bytes:
    """Entries, each key without what it has in common with the one before, but for every `restart`-th."""
    content, places, before = b"", [], b""
    for number, (key, value) in enumerate(entries):
        common = 0
        if number % restart == 0:
            places.append(len(content))
        else:
            while common < min(len(key), len(before)) and key[common] == before[common]:
                common += 1
        content += varint(common) + varint(len(key) - common) + varint(len(value)) + key[common:] + value
        before = key
    places = places or [0]
    return content + b"".join(struct.pack("<I", place) for place in places) + struct.pack("<I", len(places))


def table(
    entries: Sequence[tuple[bytes, bytes]],
    *,
    each: int = 1_000,
    snappy: bool = False,
    restart: int = 16,
    seal: Callable[[bytes], int] = masked,
) -> bytes:
    """A table with so many entries in each block."""
    content, index = b"", []

    def put(one: bytes) -> bytes:
        nonlocal content
        start = len(content)
        stored, kind = (as_snappy(one), b"\x01") if snappy else (one, b"\x00")
        content += stored + kind + struct.pack("<I", seal(stored + kind))
        return varint(start) + varint(len(stored))

    for start in range(0, len(entries), each):
        several = entries[start : start + each]
        index.append((several[-1][0], put(block(several, restart))))
    footer = put(block([])) + put(block(index))
    return content + footer.ljust(40, b"\0") + MAGIC


def as_snappy(content: bytes) -> bytes:
    """What is repeated from four bytes before is copied, all else taken as it is."""
    found, position = bytearray(varint(len(content))), 0
    while position < len(content):
        run = min(60, len(content) - position)
        before = position - 4
        if before < 0 or content[position : position + run] != content[before : before + run]:
            run = 4 if before >= 0 and content[position : position + 4] == content[before:position] else 0
        if run >= 4:
            found += bytes([run - 1 << 2 | 2]) + struct.pack("<H", 4)
            position += run
        else:
            found += bytes([0]) + content[position : position + 1]
            position += 1
    return bytes(found)


# --- checkpoints -------------------------------------------------------------------------------------------------------


def entry(
    kind: int, shape: Sequence[int], offset: int, content: bytes, *, shard: int = 0, crc: int | None = None
) -> bytes:
    """A BundleEntryProto; what is 0 is not written."""
    sizes = b"".join(field(2, field(1, size) if size else b"") for size in shape)
    found = field(1, kind) + field(2, sizes)
    for number, value in ((3, shard), (4, offset), (5, len(content))):
        found += field(number, value) if value else b""
    return found + fixed(6, masked(content) if crc is None else crc)


def header(shards: int = 1, *, endianness: int = 0, reader: int = 0) -> bytes:
    version = field(1, 1) + (field(2, reader) if reader else b"")
    return field(1, shards) + (field(2, endianness) if endianness else b"") + field(3, version)


def texted(text: bytes, seal: Callable[[bytes], int] = masked) -> bytes:
    """A tensor of one text: its length, a checksum of that, and the text."""
    return varint(len(text)) + struct.pack("<I", seal(struct.pack("<I", len(text)))) + text


def text_crc(text: bytes, seal: Callable[[bytes], int] = masked) -> int:
    length = struct.pack("<I", len(text))
    return seal(length + struct.pack("<I", seal(length)) + text)


def checkpoint(
    tensors: Mapping[str, np.ndarray | bytes], name: str = "model.ckpt", *, shards: int = 1, **options: bool | int
) -> Files:
    """The .index and .data files of these tensors; with several shards one tensor after the other."""
    data, entries = [b""] * shards, [(b"", header(shards))]
    for number, (key, value) in enumerate(sorted(tensors.items())):
        shard = number % shards
        if isinstance(value, bytes):
            content = texted(value)
            told = entry(7, (), len(data[shard]), content, shard=shard, crc=text_crc(value))
        else:
            content = value.astype(value.dtype.newbyteorder("<")).tobytes()
            told = entry(KINDS[value.dtype.name], value.shape, len(data[shard]), content, shard=shard)
        data[shard] += content
        entries.append((key.encode(), told))
    files = {f"{name}.data-{number:05}-of-{shards:05}": one for number, one in enumerate(data)}
    return {f"{name}.index": table(entries, **options), **files}


def object_graph(tree: Mapping[str, object]) -> tuple[bytes, dict[str, np.ndarray]]:
    """Nested objects with their variables, as TensorFlow 2 describes them: the graph, and the tensors by their keys.

    A variable is an array, or an array with its full name.
    """
    nodes: list[bytes] = []
    tensors: dict[str, np.ndarray] = {}

    def add(value: object, path: str) -> int:
        number = len(nodes)
        nodes.append(b"")
        if isinstance(value, Mapping):
            children = {name: add(one, f"{path}{name}/") for name, one in value.items()}
            nodes[number] = b"".join(
                field(1, (field(1, child) if child else b"") + field(2, name)) for name, child in children.items()
            )
        else:
            array, full = value if isinstance(value, tuple) else (value, path.rstrip("/"))
            key = f"{path}.ATTRIBUTES/VARIABLE_VALUE"
            tensors[key] = array
            nodes[number] = field(2, field(1, "VARIABLE_VALUE") + field(2, full) + field(3, key))
        return number

    add(tree, "")
    return b"".join(field(1, node) for node in nodes), tensors


def of_objects(tree: Mapping[str, object], name: str = "model") -> Files:
    """A checkpoint of TensorFlow 2."""
    graph, tensors = object_graph(tree)
    return checkpoint({**tensors, "_CHECKPOINTABLE_OBJECT_GRAPH": graph}, name)


# --- graphs ------------------------------------------------------------------------------------------------------------


def node(
    name: str, kind: str, *inputs: str, value: float | None = None, attribute: tuple[str, float] | None = None
) -> bytes:
    """A NodeDef; a Const of one float has a `value`, and any has one float as an `attribute`."""
    found = field(1, name) + field(2, kind) + b"".join(field(3, one) for one in inputs)
    if value is not None:
        tensor = field(1, 1) + field(2, b"") + (field(5, struct.pack("<f", value)) if value else b"")
        found += field(5, field(1, "value") + field(2, field(8, tensor)))
    if attribute is not None:
        told = varint(4 << 3 | 5) + struct.pack("<f", attribute[1])
        found += field(5, field(1, attribute[0]) + field(2, told))
    return found


def lstm_nodes(scope: str, forget_bias: float, activation: str = "Tanh") -> list[bytes]:
    """The operations of a BasicLSTMCell that tell anything."""
    return [
        node(f"{scope}/split", "Split", f"{scope}/split/split_dim", f"{scope}/BiasAdd"),
        node(f"{scope}/Const_2", "Const", value=forget_bias),
        node(f"{scope}/Add", "Add", f"{scope}/split:2", f"{scope}/Const_2"),
        node(f"{scope}/Sigmoid", "Sigmoid", f"{scope}/Add"),
        node(f"{scope}/{activation}", activation, f"{scope}/split:1"),
    ]


def meta_graph(
    nodes: Sequence[bytes], variables: Sequence[str] = (), functions: Mapping[str, Sequence[bytes]] | None = None
) -> bytes:
    """A MetaGraphDef, as .meta files are."""
    graph = b"".join(field(1, one) for one in nodes)
    library = b"".join(
        field(1, field(1, field(1, name)) + b"".join(field(3, one) for one in inside))
        for name, inside in (functions or {}).items()
    )
    named = b"".join(field(1, field(1, f"{one}:0")) for one in variables)
    collection = field(4, field(1, "trainable_variables") + field(2, field(2, named))) if variables else b""
    return field(2, graph + (field(2, library) if library else b"")) + collection


def zipped(files: Mapping[str, bytes], target: Path | None = None, folder: str = "") -> bytes:
    """The files as an archive; written to `target` too, if there is one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{folder}{name}", content)
    if target is not None:
        target.write_bytes(buffer.getvalue())
    return buffer.getvalue()


def unzipped(archive: Path, folder: Path) -> Path:
    """The folder that lies in an archive, unpacked."""
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
        return folder / file.namelist()[0].partition("/")[0]
