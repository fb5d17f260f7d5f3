"""What readers drop in: text files and tables, refused with a sentence where they are something else."""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

LARGEST_FILE = 50_000_000  # bytes


def read_text(path: Path) -> str:
    """The text of a UTF-8 file. Raises ValueError, saying what to do, for a file that is empty, too large or no text."""
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise ValueError(
            f"{path.name} has {size / 1e6:.0f} MB: give a text of at most {LARGEST_FILE / 1e6:.0f} MB, for example its beginning"
        )
    raw = path.read_bytes()
    if not raw.strip():
        raise ValueError(f"{path.name} is empty: give a file with text in it")
    if b"\0" in raw:
        raise ValueError(f"{path.name} is not a text file (it holds zero bytes): give plain text, saved as UTF-8")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path.name} is not UTF-8 text (byte {error.start:,} is 0x{raw[error.start]:02X}): save it as UTF-8 text"
        ) from error


def read_table(path: Path) -> pd.DataFrame:
    """The table of a CSV file (commas, semicolons or tabs) whose first line names its columns.

    Raises ValueError, saying what to do, for a file that is no table.
    """
    text = read_text(path)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        table = pd.read_csv(StringIO(text), sep=separator, skipinitialspace=True)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise ValueError(f"{path.name} is not a table: give a CSV file with one line a step ({error})") from error
    if table.empty:
        raise ValueError(
            f"{path.name} has only one line: a table needs a line of column names and then a line for each step"
        )
    return table


def numeric_columns(table: pd.DataFrame) -> list[str]:
    """Which columns hold nothing but numbers?"""
    return [str(name) for name in table if pd.api.types.is_numeric_dtype(table[name])]


def number_column(table: pd.DataFrame, column: str = "") -> np.ndarray:
    """The numbers of one column, (step,) float64; by default of the last one that holds numbers.

    Raises ValueError naming the columns there are, or the first line that holds no number.
    """
    columns = [str(name) for name in table]
    if not column:
        numeric = numeric_columns(table)
        if not numeric:
            raise ValueError(
                f"none of the columns holds only numbers ({', '.join(columns[:10])}): give a table with one that does"
            )
        column = numeric[-1]
    if column not in columns:
        raise ValueError(f"there is no column {column!r}: choose one of {', '.join(columns[:10])}")
    numbers = pd.to_numeric(table.iloc[:, columns.index(column)], errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        found = table.iloc[int(wrong[0]), columns.index(column)]
        raise ValueError(
            f"column {column!r} holds {str(found)[:40]!r} in line {int(wrong[0]) + 2}, which is no number: "
            f"choose another column, or leave out such lines ({len(wrong):,} in all)"
        )
    return numbers
