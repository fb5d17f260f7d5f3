"""Text that Markdown must not touch: names of files, and sentences that quote them."""

import re

_MEANS_SOMETHING = re.compile(r"([!-/:-@\[-`{-~])")  # all of ASCII's punctuation


def literal(text: str) -> str:
    """`text`, on one line, as Markdown shows it letter by letter."""
    return _MEANS_SOMETHING.sub(r"\\\1", " ".join(text.split()))
