"""Where the documents of a corpus come from."""

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from lstm_core.encoders import NumberEncoder, Tokens
from lstm_core.model import SequenceModel
from lstm_core.tables import Limits, read_table, unicode_text, unix_lines

Source = str | os.PathLike[str] | Iterable[str | Tokens]
TABLES = (".csv", ".tsv")
TEXTS = ("text", "sentence")  # what a column of texts is called


def documents_of(model: SequenceModel, source: Source) -> Iterator[Tokens]:
    """The documents of a source as the model reads them, one after the other; see `record_corpus`."""
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if not path.exists():
            raise ValueError(f"{path} does not exist: give a file or a folder of files, or a list of texts")
        for name, text in _texts(model, path):
            yield _read(model, text, name)
        return
    for number, one in enumerate(source):
        yield _read(model, one, f"document {number}")


def _read(model: SequenceModel, one: str | Tokens, name: str) -> Tokens:
    try:
        return model.encode(one)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _texts(model: SequenceModel, path: Path) -> Iterator[tuple[str, str | Tokens]]:
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.is_file() and not _hidden(one.relative_to(path)))
        if not files:
            raise ValueError(f"there is no file in the folder {path}")
        for file in files:
            yield from _texts(model, file)
    elif path.suffix.lower() in TABLES:
        yield from _rows(model, path)
    else:
        text = unicode_text(path.read_bytes())
        if text is None:
            raise ValueError(f"{path.name} is no text in UTF-8: save it as UTF-8 text, or take it out of the folder")
        yield path.name, unix_lines(text)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _rows(model: SequenceModel, path: Path) -> Iterator[tuple[str, str | Tokens]]:
    """Of a table: for a model of numbers its columns as one document, for others the text of each line."""
    encoder = model.config.encoder
    if isinstance(encoder, NumberEncoder):
        yield path.name, _columns(encoder, path)
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
        column = next((name for name in rows.fieldnames or () if name.strip().lower() in TEXTS), None)
        if column is None:
            found = ", ".join(rows.fieldnames or ()) or "none"
            raise ValueError(
                f"{path.name} has no column called {' or '.join(TEXTS)} (it has {found}): rename the one with the texts"
            )
        for row in rows:
            if (row[column] or "").strip():
                yield f"{path.name}, line {rows.line_num}", row[column]


def _columns(encoder: NumberEncoder, path: Path) -> Tokens:
    table = read_table(path.read_bytes(), Limits(size=path.stat().st_size))
    by_name = {one.name: one for one in table.numeric} | {one.head: one for one in table.numeric}
    if all(name in by_name for name in encoder.names):
        columns = [by_name[name] for name in encoder.names]
    elif len(table.numeric) == len(encoder.names):
        columns = list(table.numeric)
    else:
        found = ", ".join(one.name for one in table.numeric) or "none"
        raise ValueError(
            f"{path.name}: this model reads {', '.join(encoder.names)}, and the columns of numbers are {found}; name them so"
        )
    for column in columns:
        if gap := table.first_gap(column):
            raise ValueError(
                f"{path.name}, line {gap}: there is no number for {column.name}; fill it in or take the line out"
            )
    return encoder.of(np.column_stack([column.numbers for column in columns]))


def beginnings(documents: Sequence[Tokens], steps: int) -> list[Tokens]:
    """The same share of each document, from its beginning on, so that there are `steps` steps in all or as many as there are.

    Of each at least one.
    """
    share = min(1.0, steps / max(sum(map(len, documents)), 1))
    return [one.until(max(1, round(len(one) * share))) for one in documents]
