"""Encoders: text to a model's input and back, with labels for people. One encoder a file."""

from lstm_core.encoders.byte import ByteEncoder
from lstm_core.encoders.character import CharacterEncoder
from lstm_core.encoders.known import Known, known_part
from lstm_core.encoders.number import NumberEncoder
from lstm_core.encoders.tokens import Tokens, visible
from lstm_core.encoders.vocabulary import VocabularyEncoder
from lstm_core.encoders.word import WordEncoder

__all__ = [
    "ByteEncoder",
    "CharacterEncoder",
    "ClassEncoder",
    "Encoder",
    "Known",
    "NumberEncoder",
    "Tokens",
    "VocabularyEncoder",
    "WordEncoder",
    "encoder_from_json",
    "known_part",
    "visible",
]

ClassEncoder = ByteEncoder | CharacterEncoder | WordEncoder | VocabularyEncoder
"""Encoders that read one of `size` classes at each step."""

Encoder = ClassEncoder | NumberEncoder


def encoder_from_json(fields: object) -> Encoder:
    """Which encoder did `to_json` describe? Raises ValueError for anything else."""
    match fields:
        case {"kind": "byte"}:
            return ByteEncoder()
        case {"kind": "character", "vocabulary": list(vocabulary)} if all(isinstance(v, str) for v in vocabulary):
            return CharacterEncoder(tuple(vocabulary))
        case {"kind": "word", "vocabulary": list(vocabulary)} if all(isinstance(v, str) for v in vocabulary):
            return WordEncoder(tuple(vocabulary))
        case {"kind": "vocabulary", "entries": list(entries), "cut": "" | "characters" | "words" as cut} if all(
            isinstance(v, str) for v in entries
        ):
            return VocabularyEncoder(tuple(entries), cut)
        case {"kind": "number", "names": list(names), "mean": list(mean), "spread": list(spread), "period": period}:
            return NumberEncoder(tuple(names), tuple(mean), tuple(spread), period=period)
    raise ValueError(
        f"no encoder is described by {str(fields)[:100]}: the kinds are 'byte', 'character', 'word', 'vocabulary' and 'number'"
    )
