"""TensorFlow's files, damaged behind their checksums: tensors renamed and reshaped, messages and tables rebuilt."""

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lstm_core.importers.protobuf_fields import Fields, varint
from lstm_core.importers.tensorflow.crc32c import masked_crc32c
from lstm_core.importers.tensorflow.files import parts_of
from lstm_core.importers.tensorflow.object_graph import KEY
from lstm_core.importers.tensorflow.table import FOOTER, entries_of
from tests.fuzz.structures import mutated_json
from tests.support import tensorflow_files as made

Damage = Callable[[bytes, random.Random], bytes]
MAX_DEPTH = 7
NUMBERS = (
    0,
    1,
    2,
    3,
    4,
    7,
    14,
    19,
    127,
    128,
    255,
    1 << 31,
    (1 << 32) - 1,
    1 << 40,
    (1 << 63) - 1,
    1 << 63,
    (1 << 64) - 1,
)
TEXTS = (
    b"", b"kernel", b"bias", b"recurrent_kernel", b"rnn/basic_lstm_cell/kernel", b"rnn/gru_cell/gates/kernel", b"cell", b"cells",
    b"rnn/multi_rnn_cell/cell_0/lstm_cell/kernel", b"bidirectional_rnn/fw/lstm_cell/bias", b"root", b"layer_with_weights-0", b"layer",
    b"forward_layer", b"embeddings", b"VARIABLE_VALUE", b"variables", b"../../etc/passwd", b"\xff\xfe", b"x" * 3_000, b"a/" * 200, b"/", b"0",
    b"Const", b"Add", b"BlockLSTM", b"rnn/split:2",
)  # fmt: skip
SHAPES = ((), (0,), (1,), (3, 4), (4, 3), (7, 16), (16,), (1 << 33,), (1 << 20, 1 << 20), (2, 2, 2), (5, 0), (1,) * 9)


@dataclass(frozen=True)
class Tensor:
    """One tensor of a checkpoint."""

    kind: int
    shape: tuple[int, ...]
    content: bytes
    crc: int = -1  # the right one


def mutated_tensorflow(content: bytes, chance: random.Random, damaged: Damage) -> bytes:
    """One file of an archive changed such that what guards it still fits."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = parts_of(archive)
        files = {name: archive.read(name) for name in archive.namelist()}
    beside = [name for name in (parts.graph, parts.keras) if name]
    if beside and chance.random() < 0.35:
        name = chance.choice(beside)
        files[name] = mutated_message(files[name], chance)
    elif chance.random() < 0.15:
        files[parts.index] = resealed(files[parts.index], chance, damaged)
    else:
        [data] = parts.data.values()
        files[parts.index], files[data] = rebuilt(files[parts.index], files[data], chance, damaged)
    if chance.random() < 0.03:
        del files[chance.choice(list(files))]
    return made.zipped(files)


def resealed(index: bytes, chance: random.Random, damaged: Damage) -> bytes:
    """Bytes of the first block changed, its checksum right again where its place is still the same."""
    handle = [0, 0]
    footer = memoryview(index)[-FOOTER:]
    position = 0
    for number in range(4):
        value, position = varint(footer, position)
        if number >= 2:
            handle[number - 2] = value
    end = handle[0]  # what lists the blocks comes after them
    block = damaged(index[: max(end - 5, 0)], chance)[:end]
    block = block.ljust(max(end - 5, 0), b"\0")[: max(end - 5, 0)]
    kind = bytes([chance.choice((0, 0, 0, 1, 2))])
    return block + kind + masked_crc32c(block + kind).to_bytes(4, "little") + index[end:]


def rebuilt(index: bytes, data: bytes, chance: random.Random, damaged: Damage) -> tuple[bytes, bytes]:
    """The checkpoint with some of its tensors changed, in a table that is cut into blocks otherwise."""
    header, tensors = _tensors(index, data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        if tensors:
            _change(tensors, chance, damaged)
    if chance.random() < 0.05:
        header = mutated_message(header, chance)
    content, entries = b"", [(b"", header)]
    for name in sorted(tensors):
        one = tensors[name]
        crc = masked_crc32c(one.content) if one.crc < 0 else one.crc
        offset = len(content) if chance.random() < 0.98 else chance.choice(NUMBERS)
        entries.append((name, made.entry(one.kind, one.shape, offset, one.content, crc=crc)))
        content += one.content
    if chance.random() < 0.05:
        place = chance.randrange(len(entries))
        entries[place] = (entries[place][0], mutated_message(entries[place][1], chance))
    options = {"each": chance.choice((1, 2, 1_000)), "snappy": chance.random() < 0.3, "restart": chance.choice((1, 16))}
    return made.table(entries, seal=masked_crc32c, **options), content


def _tensors(index: bytes, data: bytes) -> tuple[bytes, dict[bytes, Tensor]]:
    fields = Fields(1_000_000)
    found = entries_of(memoryview(index))
    header = bytes(found.pop(b""))
    tensors: dict[bytes, Tensor] = {}
    for name, value in found.items():
        told = fields.named(value, {1: "kind", 2: "shape", 4: "offset", 5: "size"})
        kind, offset, size = (told[part][-1] if told[part] else 0 for part in ("kind", "offset", "size"))
        shape = []
        for dimension in fields.named(told["shape"][-1], {2: "sizes"})["sizes"] if told["shape"] else []:
            sizes = fields.named(dimension, {1: "size"})["size"]
            shape.append(sizes[-1] if sizes else 0)
        content = data[offset : offset + size]
        tensors[name] = Tensor(kind, tuple(shape), content)
        if kind == 7:
            tensors[name] = Tensor(kind, (), content, made.text_crc(_letters_of(content), masked_crc32c))
    return header, tensors


def _letters_of(content: bytes) -> bytes:
    """The text of a tensor of one, which stands after its length and a checksum; all where an earlier change broke the length."""
    try:
        return content[varint(memoryview(content), 0)[1] + 4 :]
    except ValueError:
        return content


def _change(tensors: dict[bytes, Tensor], chance: random.Random, damaged: Damage) -> None:
    name = chance.choice(sorted(tensors))
    one = tensors[name]
    if name == KEY.encode() and chance.random() < 0.9:
        text = mutated_message(_letters_of(one.content), chance)
        crc = made.text_crc(text, masked_crc32c)
        tensors[name] = Tensor(7, (), made.texted(text, masked_crc32c), crc)
        return
    match chance.randrange(8):
        case 0:
            del tensors[name]
        case 1:
            other = chance.choice((*sorted(tensors), *TEXTS)) or b"x"
            tensors[other] = tensors.pop(name)
        case 2:
            parts = name.split(b"/")
            parts[chance.randrange(len(parts))] = chance.choice(TEXTS)
            tensors[b"/".join(parts) or b"x"] = tensors.pop(name)
        case 3:
            shape = chance.choice(SHAPES)
            size = 1
            for each in shape:
                size *= each
            content = chance.randbytes(4 * size) if size < 1_000 else one.content
            tensors[name] = Tensor(1, shape, content)
        case 4:
            tensors[name] = replace(one, kind=chance.choice((*range(24), 1 << 20)))
        case 5:
            tensors[name] = replace(one, content=chance.choice((b"\xff", b"\0", b"\x7f")) * len(one.content))
        case 6:
            tensors[name] = replace(one, crc=chance.choice((0, one.crc & 0xFFFF)) if one.crc >= 0 else 0)
        case _:
            tensors[name] = replace(one, content=damaged(one.content, chance))


def mutated_message(content: bytes, chance: random.Random, depth: int = 0) -> bytes:
    """A field of a message, or of one within it, replaced, removed, moved or repeated."""
    fields = _fields(content)
    if not fields:
        return chance.choice((content[:-1], content + b"\x0a", made.field(1, chance.choice(TEXTS))))
    place = chance.randrange(len(fields))
    number, wire, value = fields[place]
    inner = wire == 2 and depth < MAX_DEPTH and chance.random() < 0.85 and len(value) > 1
    if inner and value[:1] == b"{":
        fields[place] = (number, wire, _text_of(value, chance))
    elif inner and _fields(value):
        fields[place] = (number, wire, mutated_message(value, chance, depth + 1))
    else:
        match chance.randrange(6):
            case 0:
                del fields[place]
            case 1:
                fields[place:place] = [fields[place]] * chance.choice((1, 2, 300))
            case 2:
                fields[place] = (chance.choice((1, 2, 3, 4, 5, 7, 200)), wire, value)
            case 3:
                fields.append(fields.pop(place))
            case _:
                new = (
                    made.varint(chance.choice(NUMBERS))
                    if wire == 0
                    else chance.choice(TEXTS)
                    if wire == 2
                    else bytes(value[::-1])
                )
                fields[place] = (number, wire, new)
    return b"".join(_written(*one) for one in fields)


def _text_of(value: bytes, chance: random.Random) -> bytes:
    try:
        return mutated_json(value, chance)
    except ValueError:
        return value


def _fields(content: bytes) -> list[tuple[int, int, bytes]]:
    """The fields of a message: number, wire type, and what comes after; empty for what is none."""
    found, position, view = [], 0, memoryview(content)
    try:
        while position < len(content):
            tag, position = varint(view, position)
            wire = tag & 7
            if wire not in (0, 1, 2, 5) or not tag >> 3:
                return []
            if wire == 2:
                size, start = varint(view, position)
                end = start + size
            else:
                start = position
                end = varint(view, position)[1] if wire == 0 else position + (8 if wire == 1 else 4)
            if end > len(content):
                return []
            found.append((tag >> 3, wire, content[start:end]))
            position = end
    except ValueError:
        return []
    return found


def _written(number: int, wire: int, value: bytes) -> bytes:
    tag = made.varint(number << 3 | wire)
    return tag + (made.varint(len(value)) if wire == 2 else b"") + value


def write_samples(folder: Path) -> None:
    """Small ones that TensorFlow wrote itself."""
    where = Path(__file__).parents[1] / "data" / "tensorflow"
    for path in where.glob("*.zip"):
        (folder / f"tensorflow-{path.stem}").write_bytes(path.read_bytes())
