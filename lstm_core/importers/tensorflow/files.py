"""Which files of an archive are a checkpoint's, or a SavedModel's?"""

import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from lstm_core.importers.limits import LIMITS, UnreadableFile, largest_file
from lstm_core.importers.tensorflow.bundle import Bundle, Shard

DATA = re.compile(r"(?P<prefix>.*)\.data-(?P<number>\d{5})-of-(?P<count>\d{5})", re.DOTALL)
NEWEST = re.compile(r'^model_checkpoint_path:\s*"((?:[^"\\]|\\.){1,1000})"', re.MULTILINE)
VARIABLES = "variables/variables"  # a SavedModel's checkpoint, beside its saved_model.pb
TOGETHER = "save the model again and choose its .index and .data files whole and together, or all of them as one zip"


@dataclass(frozen=True)
class Parts:
    """The names of a model's files in its archive; "" for one that is not there."""

    prefix: str
    index: str
    data: Mapping[int, str]
    graph: str = ""  # model.ckpt.meta, or saved_model.pb
    keras: str = ""  # keras_metadata.pb
    notes: tuple[str, ...] = field(default=())

    @property
    def saved_model(self) -> bool:
        return self.graph.endswith("saved_model.pb") or bool(self.keras)


def parts_of(archive: zipfile.ZipFile) -> Parts:
    """The files of the one model, or of the newest checkpoint, in an archive. Raises UnreadableFile if there is none."""
    names = {name.replace("\\", "/"): name for name in archive.namelist() if not _stray(name)}  # "\" of Windows
    shards: dict[str, dict[int, str]] = {}
    for plain, name in names.items():
        found = DATA.fullmatch(plain)
        if found:
            shards.setdefault(found["prefix"], {})[int(found["number"])] = name
    whole = [prefix for prefix in shards if f"{prefix}.index" in names]
    if not whole:
        raise UnreadableFile(_incomplete(names, shards))
    prefix, note = whole[0], ""
    if len(whole) > 1:
        prefix, note = _newest(archive, names, whole)
    folder = _folder(prefix)
    above = _folder(folder) if PurePosixPath(prefix).parts[-2:] == ("variables", "variables") else folder
    beside = {one: names.get(_at(above, one), "") for one in ("saved_model.pb", "keras_metadata.pb")}
    return Parts(
        prefix=prefix,
        index=names[f"{prefix}.index"],
        data=shards[prefix],
        graph=names.get(f"{prefix}.meta", "") or beside["saved_model.pb"],
        keras=beside["keras_metadata.pb"],
        notes=(note,) if note else (),
    )


def bundle_of(archive: zipfile.ZipFile, parts: Parts) -> Bundle:
    """The tensors of a model in an archive. Raises UnreadableFile for what is damaged or beyond the limits."""
    index = content_of(archive, parts.index, LIMITS.metadata)
    return Bundle(index, {number: _shard(archive, name) for number, name in parts.data.items()}, TOGETHER)


def content_of(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A file of an archive. Raises UnreadableFile for a larger one."""
    size = archive.getinfo(name).file_size
    if size > most:
        raise UnreadableFile(f"{name[-80:]!r} has {size:,} bytes; Gatescope reads up to {most:,}")
    return archive.read(name)


def _shard(archive: zipfile.ZipFile, name: str) -> tuple[int, Shard]:
    whole: list[bytes] = []

    def piece(start: int, size: int) -> bytes:
        if not whole:
            whole.append(content_of(archive, name, 2 * largest_file()))
        return whole[0][start : start + size]

    return archive.getinfo(name).file_size, piece


def _stray(name: str) -> bool:
    """Is it what macOS adds to archives?"""
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith("._")


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _at(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _incomplete(names: Iterable[str], shards: Mapping[str, object]) -> str:
    """What is missing, in one sentence."""
    if shards:
        prefix = PurePosixPath(next(iter(shards))).name[:80]
        return (
            f"this holds {prefix + '.data-…'!r} of a TensorFlow checkpoint without {prefix + '.index'!r}, which says what is in "
            "it: choose both at once"
        )
    index = next((PurePosixPath(name).name for name in names if name.endswith(".index")), "")
    if index:
        data = index.removesuffix(".index")[:80] + ".data-00000-of-00001"
        return f"this holds {index[:80]!r} of a TensorFlow checkpoint without its weights: choose {data!r} with it"
    return (
        "this TensorFlow SavedModel has no weights beside its graph (variables/variables.index and "
        "variables.data-00000-of-00001): choose the whole folder, or zip it"
    )


def _newest(archive: zipfile.ZipFile, names: Mapping[str, str], prefixes: list[str]) -> tuple[str, str]:
    """Which of several checkpoints is meant, and a note that says so. Raises UnreadableFile where nothing tells."""
    saved = [prefix for prefix in prefixes if prefix.endswith(VARIABLES)]
    if len(saved) == 1:
        return saved[0], ""
    chosen = ""
    folders = {_folder(prefix) for prefix in prefixes}
    listing = names.get(_at(next(iter(folders)), "checkpoint"), "") if len(folders) == 1 else ""
    if listing:
        told = NEWEST.search(content_of(archive, listing, LIMITS.metadata).decode("utf-8", "replace"))
        # The whole path is of the machine on which it was trained.
        name = PurePosixPath(told[1].replace("\\", "/")).name if told else ""
        chosen = next((prefix for prefix in prefixes if PurePosixPath(prefix).name == name), "")
    if not chosen and len({re.sub(r"\d+$", "", prefix) for prefix in prefixes}) == 1:
        chosen = max(prefixes, key=lambda prefix: int((re.search(r"\d{1,18}$", prefix) or ["0"])[0]))
    shown = ", ".join(repr(PurePosixPath(prefix).name[:40]) for prefix in prefixes[:3]) + (
        " …" if len(prefixes) > 3 else ""
    )
    if not chosen:
        raise UnreadableFile(
            f"this holds {len(prefixes)} TensorFlow checkpoints ({shown}): choose the .index and .data files of one of them"
        )
    return (
        chosen,
        f"Of {len(prefixes)} checkpoints ({shown}) the newest is opened, {PurePosixPath(chosen).name[:40]!r}.",
    )
