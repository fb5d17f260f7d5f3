"""From the bytes of a text file to its text: UTF-8, UTF-16 and UTF-32, and Windows-1252 for tables."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_SAMPLE = 4_000  # bytes that show whether zero bytes alternate with others


def unicode_text(content: bytes) -> str | None:
    """The text of bytes in UTF-8, UTF-16 or UTF-32, without a byte order mark; None for anything else.

    UTF-16 without a byte order mark is recognised where nearly every second byte is zero, as in Western texts.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None) or _unmarked(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    wide = not encoding.startswith("utf-8")
    return None if wide and _CONTROL.search(text) else text  # bytes that only look like it


def any_text(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a table's bytes, and what was assumed: what is not Unicode is read as Windows-1252.

    Numbers and separators are the same in all such encodings; only letters beyond ASCII, in the names of columns, may differ.
    Raises ValueError, naming the line, for bytes that are no text.
    """
    text, notes = unicode_text(content), ()
    if text is None:
        text = content.decode("cp1252", "replace")
        return text, ("The file is not UTF-8; it was read as Windows-1252 (Western European).",)
    return text, notes


def zero_byte_line(text: str) -> int | None:
    """The line, from 1, of the first zero byte; None if there is none."""
    at = text.find("\0")
    return None if at < 0 else text.count("\n", 0, at) + 1


def unix_lines(text: str) -> str:
    """The text with the line ends of Windows and old Macs as newlines."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unmarked(content: bytes) -> str:
    sample = content[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if len(content) % 2 == 0 and half and max(even, odd) > 0.7 * half and min(even, odd) < 0.1 * half:
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8"
