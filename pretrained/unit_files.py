"""The files of a model's `units` folder: the held-out text, and a card for every unit of a layer, computed over it."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lstm_core.saving import write_bytes

FOLDER, TEXT, VERSION = "units", "text.json.gz", 1


def write_text_file(folder: Path, documents: Sequence[str], *, source: str) -> None:
    """Put the held-out documents into a model's folder."""
    _write(folder / FOLDER / TEXT, {"version": VERSION, "source": source, "documents": list(documents)})


def write_cards(folder: Path, layer: str, found: dict[str, Any]) -> None:
    """Put what was found of a layer into a model's folder; see `pretrained.units`.

    All cards have the same keys, and are written key by key: what is alike stands together, and takes an eighth less.
    """
    cards = found["cards"]
    by_key = {key: [card[key] for card in cards] for key in cards[0]}
    _write(folder / FOLDER / f"{layer}.json.gz", {"version": VERSION, **found, "cards": by_key})


def read_text_file(folder: Path) -> list[str]:
    """The held-out documents. Raises FileNotFoundError where there are none, ValueError for what this version cannot read."""
    documents: list[str] = _read(folder / FOLDER / TEXT)["documents"]
    return documents


def read_cards(folder: Path, layer: str, digest: str) -> dict[str, Any]:
    """What was found of a layer of the model with this digest. Raises as `read_text_file`, and ValueError for another model's cards."""
    found = _read(folder / FOLDER / f"{layer}.json.gz")
    if found["model"] != digest:
        raise ValueError(
            f"the unit cards of {folder.name} are of other weights ({str(found['model'])[:12]}, not {digest[:12]}): "
            f"python -m pretrained {folder.name} --units makes them again"
        )
    by_key = found["cards"]
    found["cards"] = [dict(zip(by_key, row, strict=True)) for row in zip(*by_key.values(), strict=True)]
    return found


def _write(path: Path, content: dict[str, Any]) -> None:
    """The same content gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    write_bytes(path, gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.parent.parent.name} has no {FOLDER}/{path.name}: `python -m pretrained NAME --units` makes the unit cards "
            f"of a model of the zoo"
        )
    content: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    if content.get("version") != VERSION:
        raise ValueError(
            f"{path.name} has version {content.get('version')}, but this Gatescope reads {VERSION}: make it again"
        )
    return content
