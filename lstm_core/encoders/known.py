"""How much of a text is in a model's vocabulary? The rest is left out or read as unknown, and named."""

from collections.abc import Iterable
from dataclasses import dataclass

from lstm_core.encoders.character import CharacterEncoder
from lstm_core.encoders.vocabulary import VocabularyEncoder
from lstm_core.encoders.word import WordEncoder, split_words


@dataclass(frozen=True)
class Known:
    """What a model reads of a text, and what is not in its vocabulary."""

    text: str  # what is read: without what is left out
    unknown: tuple[str, ...] = ()  # characters or words, each once, in their order in the text
    count: int = 0  # how many of the text's characters or words they are
    total: int = 0  # how many characters or words the text has; 0 for a model that knows any text
    left_out: bool = False  # False: the unknown ones are read, as the entry for the unknown

    @property
    def share(self) -> float:
        """The share of the text that is in the vocabulary, 0 to 1; 1 for a text without any pieces."""
        return 1 - self.count / self.total if self.total else 1.0


def known_part(encoder: object, text: str) -> Known:
    """The part of a text that is in this encoder's vocabulary.

    Bytes and numbers have no vocabulary: their text is given back as it is. A text that is read as it stands, unknown
    pieces included, is given back unchanged, else without these; words then with one blank between them.
    """
    match encoder:
        case CharacterEncoder(vocabulary):
            known = frozenset(vocabulary)
            return _sorted_out(text, [(one, one in known) for one in text], "")
        case WordEncoder(vocabulary):
            words = frozenset(vocabulary)
            return _sorted_out(text, [(word, word in words) for word in split_words(text)], None)
        case VocabularyEncoder():
            pieces = [(piece, index is not None) for piece, index in encoder.looked_up(text)]
            between = "" if encoder.pieces == "characters" else " "
            return _sorted_out(text, pieces, between if encoder.unknown is None else None)
    return Known(text)


def _sorted_out(text: str, pieces: Iterable[tuple[str, bool]], between: str | None) -> Known:
    """`between` joins the pieces that are known; None where the unknown ones are read too."""
    found = list(pieces)
    unknown = [piece for piece, known in found if not known]
    if unknown and between is not None:
        text = between.join(piece for piece, known in found if known)
    return Known(text, tuple(dict.fromkeys(unknown)), len(unknown), len(found), left_out=between is not None)
