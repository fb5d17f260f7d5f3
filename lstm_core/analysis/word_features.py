"""Features of each word of a text, from the text alone."""

from collections.abc import Callable, Sequence

import numpy as np

QUOTES = ('"', "''", "``", "“", "”")
UNKNOWN = "?"  # stands after a word that the model's vocabulary has not
ENDS = (".", "!", "?")
OPENING, CLOSING = ("(", "[", "{", "-lrb-"), (")", "]", "}", "-rrb-")


def word_features(words: Sequence[str]) -> dict[str, np.ndarray]:
    """The features of each word, by a name for a reader: bool for yes or no, else whole numbers.

    Whether it is a sign of punctuation, begins in upper case, or is not in the model's vocabulary (labelled with a "?" after
    it); whether it stands inside quotation marks (the opening one counts, the closing one no more); how many brackets are open;
    its place in the sentence, from 0 after a full stop; and how many letters it has.
    """
    unknown = _each(words, lambda word: len(word) > 1 and word.endswith(UNKNOWN))
    words = [word.removesuffix(UNKNOWN) if one else word for word, one in zip(words, unknown, strict=True)]
    place, depth, places, depths = 0, 0, [], []
    for word in words:
        depth = max(0, depth + (word.lower() in OPENING) - (word.lower() in CLOSING))
        depths.append(depth)
        places.append(place)
        place = 0 if word in ENDS else place + 1
    return {
        "sign of punctuation": _each(words, lambda word: not any(map(str.isalnum, word))),
        "upper case": _each(words, lambda word: word[0].isupper()),
        "unknown word": unknown,
        "inside quotation marks": _quoted(words),
        "inside brackets": np.array(depths) > 0,
        "bracket depth": np.array(depths),
        "place in the sentence": np.array(places),
        "letters of the word": np.array([sum(map(str.isalpha, word)) for word in words]),
    }


def _quoted(words: Sequence[str]) -> np.ndarray:
    marks = [at for at, word in enumerate(words) if word in QUOTES]
    quoted = np.zeros(len(words), dtype=bool)
    for begin, end in zip(marks[::2], marks[1::2], strict=False):  # one without its other is none
        quoted[begin:end] = True
    return quoted


def _each(words: Sequence[str], test: Callable[[str], bool]) -> np.ndarray:
    return np.array([test(word) for word in words], dtype=bool)
