"""The tokens of a corpus: written once, document by document, and read by the step."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
import zarr
from torch import Tensor

from lstm_core.corpus.labels import distinct
from lstm_core.corpus.store import array
from lstm_core.encoders import Tokens

TOGETHER = 1 << 16  # steps that are written at once


class TokenWriter:
    """Puts documents into the group `tokens` of a store."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._group = zarr.open_group(str(path), mode="r+").require_group("tokens")
        self._codes: dict[str, int] = {}
        self._waiting: list[Tokens] = []
        self.offsets = [0]

    @property
    def labels(self) -> list[str]:
        return list(self._codes)

    def add(self, document: Tokens) -> None:
        self._waiting.append(document)
        self.offsets.append(self.offsets[-1] + len(document))
        if self.offsets[-1] - self.offsets[-1 - len(self._waiting)] >= TOGETHER:
            self._write()

    def finish(self) -> None:
        """Write what is left. Raises ValueError where there was no document."""
        self._write()
        if len(self.offsets) == 1:
            raise ValueError("there is nothing to read: the source has no documents")

    def _write(self) -> None:
        if not self._waiting:
            return
        first = len(self.offsets) - 1 - len(self._waiting)
        found, labels = distinct([label for one in self._waiting for label in one.labels])
        codes = np.array([self._codes.setdefault(label, len(self._codes)) for label in labels], np.int32)[found]
        lengths = [len(one) for one in self._waiting]
        self._append("label", codes)
        self._append("document", np.repeat(np.arange(first, first + len(lengths), dtype=np.int32), lengths))
        self._append("group", np.concatenate([one.groups for one in self._waiting]).astype(np.int32))
        numbers = [tokens.values for tokens in self._waiting if tokens.values is not None]
        if numbers:
            self._append("value", np.concatenate(numbers))
        else:
            self._append("id", np.concatenate([tokens.ids for tokens in self._waiting]).astype(np.int32))
        self._waiting = []

    def _append(self, name: str, rows: np.ndarray) -> None:
        if name not in self._group:
            over = ("step", "feature")[: rows.ndim]
            shape, chunks = (0, *rows.shape[1:]), (TOGETHER, *rows.shape[1:])
            self._group.create_array(name, shape=shape, chunks=chunks, dtype=rows.dtype, dimension_names=over)
        array(self._path, f"tokens/{name}").append(rows)


def write_tokens(
    path: Path, documents: Iterable[Tokens], told: Callable[[int], None] = lambda _: None
) -> tuple[list[int], list[str], str]:
    """Put all documents into a store.

    Returns where each begins, with the number of all steps last; the labels by their codes; and their digest.
    """
    writer, total = TokenWriter(path), sha256()
    for document in documents:
        writer.add(document)
        total.update(document.digest.encode())
        told(len(document))
    writer.finish()
    return writer.offsets, writer.labels, total.hexdigest()


def digest_of(documents: Iterable[Tokens]) -> str:
    """The digest that `write_tokens` gives of these documents."""
    total = sha256()
    for document in documents:
        total.update(document.digest.encode())
    return total.hexdigest()


def inputs_of(path: Path, start: int, stop: int) -> Tensor:
    """What a model reads at these steps: class numbers (step,), or numbers (step, feature)."""
    if (path / "tokens" / "id").exists():
        return torch.from_numpy(np.asarray(array(path, "tokens/id")[start:stop]).astype(np.int64))
    return torch.from_numpy(np.array(array(path, "tokens/value")[start:stop]))
