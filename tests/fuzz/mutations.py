"""Valid files, damaged: at random, and where it hurts, inside what a checksum or a length would else protect."""

import io
import random
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress

from tests.fuzz.structures import mutated_graph, mutated_hdf5, mutated_header, mutated_json, mutated_pickle
from tests.fuzz.tensorflow import mutated_tensorflow

Mutation = Callable[[bytes, random.Random], bytes]

EXTREMES = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    (1 << 63) - 1,
    1 << 63,
    (1 << 64) - 1,
)


def mutated(form: str, samples: Sequence[bytes], chance: random.Random) -> bytes:
    """One of `samples`, all of the format `form`, damaged in a way that `chance` decides."""
    content = chance.choice(samples)
    inside = INSIDE.get(form)
    if inside is not None and chance.random() < 0.6:
        content = inside(content, chance)
        if chance.random() < 0.85:
            return content
    if chance.random() < 0.1:
        other = chance.choice(samples)
        content = content[: _place(content, chance)] + other[_place(other, chance) :]
    return damaged(content, chance)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, whatever they mean."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        content = chance.choice(BYTES)(content, chance)
    return content


def _place(content: bytes, chance: random.Random) -> int:
    """Formats describe themselves at their beginning and at their end: as often there as anywhere."""
    last = max(len(content) - 1, 0)
    match chance.randrange(4):
        case 0:
            return min(chance.randrange(512), last)
        case 1:
            return max(0, last - chance.randrange(512))
    return chance.randint(0, last)


def _flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        if changed:
            changed[_place(content, chance)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: _place(content, chance)]


def _remove(content: bytes, chance: random.Random) -> bytes:
    place = _place(content, chance)
    return content[:place] + content[place + chance.choice((1, 2, 4, 8, 64, 1_000)) :]


def _insert(content: bytes, chance: random.Random) -> bytes:
    place = _place(content, chance)
    return content[:place] + chance.randbytes(chance.choice((1, 2, 4, 8, 64, 1_000))) + content[place:]


def _repeat(content: bytes, chance: random.Random) -> bytes:
    place, length = _place(content, chance), chance.choice((1, 8, 64, 512))
    return content[:place] + content[place : place + length] * chance.choice((2, 3, 100)) + content[place + length :]


def _extreme(content: bytes, chance: random.Random) -> bytes:
    place, size = _place(content, chance), chance.choice((1, 2, 4, 8))
    number = (chance.choice(EXTREMES) & ((1 << 8 * size) - 1)).to_bytes(size, chance.choice(("little", "big")))
    return content[:place] + number + content[place + size :]


def _blank(content: bytes, chance: random.Random) -> bytes:
    place, length = _place(content, chance), chance.choice((4, 16, 256, 4_096))
    return content[:place] + bytes([chance.choice((0, 0xFF, 0x41))]) * length + content[place + length :]


BYTES: tuple[Mutation, ...] = (_flip, _flip, _cut, _remove, _insert, _repeat, _extreme, _extreme, _blank)


def mutated_zip(content: bytes, chance: random.Random) -> bytes:
    """One entry of an archive changed, all checksums and lengths right again; or its list of entries changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [(one.filename, archive.read(one), one.compress_type) for one in archive.infolist()]
    place = chance.randrange(len(entries))
    if chance.random() < 0.5:  # what the others are described by
        place = next((n for n, (name, *_) in enumerate(entries) if name.endswith(("data.pkl", "config.json"))), place)
    name, data, packing = entries[place]
    match chance.randrange(12):
        case 0:
            del entries[place]
        case 1:
            entries.insert(place, entries[place])
        case 2:
            entries[place] = (chance.choice(("../" + name, "/" + name, name + "\0", name.upper())), data, packing)
        case 3:
            entries[place] = (name, data, chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)))
        case _:
            entries[place] = (name, _mutated_entry(name, data, chance), packing)
    rebuilt = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(rebuilt, "w") as archive:
        warnings.simplefilter("ignore")  # of two entries of one name
        for name, data, packing in entries:
            archive.writestr(name, data, packing)
    return rebuilt.getvalue()


def mutated_saved(content: bytes, chance: random.Random) -> bytes:
    """What torch.save wrote, in either format."""
    return mutated_zip(content, chance) if content.startswith(b"PK") else mutated_pickle(content, chance)


def mutated_pickled(content: bytes, chance: random.Random) -> bytes:
    """A pickle, also one that is compressed, or the Keras file in it."""
    if content.startswith(b"x"):
        return zlib.compress(mutated_pickle(zlib.decompress(content), chance))
    start, end = content.find(b"PK\x03\x04"), content.rfind(b"PK\x05\x06") + 22
    if 0 < start < end and chance.random() < 0.5:
        with suppress(zipfile.BadZipFile, ValueError):
            inside = mutated_zip(content[start:end], chance)
            return content[:start] + inside[: end - start].ljust(end - start, b"\0") + content[end:]
    return mutated_pickle(content, chance)


def _mutated_entry(name: str, data: bytes, chance: random.Random) -> bytes:
    if name.endswith(".json") and chance.random() < 0.9:
        return mutated_json(data, chance)
    if name.endswith("data.pkl") and chance.random() < 0.7:
        return mutated_pickle(data, chance)
    if name.endswith(".pth") and chance.random() < 0.7:
        with suppress(zipfile.BadZipFile, ValueError):
            return mutated_zip(data, chance)
    if name.endswith(".h5") and chance.random() < 0.5:
        return mutated_hdf5(data, chance)
    return damaged(data, chance)


def mutated_checkpoint(content: bytes, chance: random.Random) -> bytes:
    """A checkpoint or a SavedModel, changed as an archive or behind its checksums."""
    return mutated_zip(content, chance) if chance.random() < 0.2 else mutated_tensorflow(content, chance, damaged)


INSIDE: dict[str, Mutation] = {
    "pytorch": mutated_zip,
    "whole": mutated_saved,
    "pickle": mutated_pickled,
    "exported": mutated_zip,
    "npz": mutated_zip,
    "keras": mutated_zip,
    "legacy": mutated_pickle,
    "safetensors": mutated_header,
    "h5": mutated_hdf5,
    "onnx": mutated_graph,
    "tensorflow": mutated_checkpoint,
}
