"""Users' files: texts and tables, or one sentence of why a file is neither."""

from pathlib import Path

from lstm_core.tables import Limits, Table, unicode_text, unix_lines
from lstm_core.tables import read_table as table_in

MAX_FILE_BYTES = 50_000_000  # bytes


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, UTF-16 or UTF-32, its line ends as newlines and without a byte order mark.

    Raises ValueError, saying what to do, for a file that is empty, too large or no text. A text in another encoding is
    refused, not guessed: a model would learn wrong letters.
    """
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise ValueError(
            f"{path.name} has {size / 1e6:.0f} MB: give a text of at most {MAX_FILE_BYTES / 1e6:.0f} MB, for example its beginning"
        )
    raw = path.read_bytes()
    if not raw.strip():
        raise ValueError(f"{path.name} is empty: give a file with text in it")
    text = unicode_text(raw)
    if text is not None and "\0" not in text:
        if not text.strip():
            raise ValueError(f"{path.name} is empty: give a file with text in it")
        return unix_lines(text)
    if b"\0" in raw:
        raise ValueError(f"{path.name} is not a text file (it holds zero bytes): give plain text, saved as UTF-8")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path.name} is not UTF-8 text (byte {error.start:,} is 0x{raw[error.start]:02X}): save it as UTF-8 text"
        ) from error
    raise ValueError(f"{path.name} is not a text file: give plain text, saved as UTF-8")


def read_table(path: Path) -> Table:
    """The table of a CSV file, as `lstm_core.tables.read_table` reads it.

    Raises ValueError, beginning with the file's name and saying what to do, for a file that is no table.
    """
    limits = Limits(size=MAX_FILE_BYTES)
    try:
        limits.check_size(path.stat().st_size)
        content = path.read_bytes()
        if not content.strip():
            raise ValueError("the file is empty: give a table, with a line for each step")
        return table_in(content, limits)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def usual_column(table: Table) -> str:
    """The name of the last column that holds only numbers. Raises ValueError naming the columns where none does."""
    if table.numeric:
        return table.numeric[-1].name
    nearly = [column.problem for column in table.columns if column.nearly]
    found = f": {nearly[-1]}" if nearly else f" ({', '.join(table.names[:10])}): give a table with one that does"
    raise ValueError(f"none of the columns holds only numbers{found}")
