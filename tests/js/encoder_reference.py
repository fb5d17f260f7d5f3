"""What Python's encoders make of awkward texts, as plain JSON."""

import unicodedata

import numpy as np

from lstm_core import ByteEncoder, CharacterEncoder, WordEncoder
from lstm_core.encoders import ClassEncoder, VocabularyEncoder

TEXTS = (
    "",
    "a <b>bold</b> &amp; %{z}\t\r\n\x00\x07\x7f end",
    "é e\u0301 👩‍👩‍👧 🏳️‍🌈 ☝🏽 \u20dd \ufe0f \U000e0100",
    "שלום עולם \u202e\u200f你好，世界。 ｶﾀｶﾅ",
    "\ud83c \udfad lone \udfad\ud83c and 𝔘𝔫𝔦 𐍈 🎭",
    "It isn't; they've (don't!) gone... -- well-known, 3.5 und 3,5 €",
    "ISN'T İstanbul ΣΟΦΟΣ ß ﬁ can’t rock'n'roll 'tis n't",
    "a_b __init__ x²½Ⅷ ٣٤ ก้า क्षि",
    "a\x1cb\x85c\xa0d\u2003e\u3000f\ufeffg\u2028h",
    "<pad>to<unk> be<eos>[UNK] or [unk] not  to <eos",
)
WORDS = (
    "it",
    "is",
    "n't",
    "they",
    "'ve",
    "gone",
    "...",
    "--",
    "well-known",
    ",",
    "σοφος",
    "i̇stanbul",
    "ß",
    "x",
    "to",
    "be",
)
MARKS = ("<pad>", "<unk>", "<eos>", "t", "o", " ", "b", "e", "", "🎭")


def encoders() -> dict[str, ClassEncoder]:
    every = sorted(set("".join(TEXTS)))
    return {
        "bytes": ByteEncoder(),
        "all characters": CharacterEncoder(tuple(every)),
        "few characters": CharacterEncoder(tuple("abe ")),
        "words": WordEncoder(WORDS),
        "entries": VocabularyEncoder(("<unk>", "It", "to", "be", "isn't;", "(do", "n't", "", "ISN'T")),
        "no unknown": VocabularyEncoder(("to", "be", "or", "not")),
        "marks": VocabularyEncoder(MARKS),
        "marks cut into words": VocabularyEncoder(MARKS, "words"),
    }


def encoder_reference() -> list[dict[str, object]]:
    texts = (*TEXTS, _every_kind_of_character())
    return [
        {"name": name, "encoder": encoder.to_json(), "readings": [_reading(encoder, text) for text in texts]}
        for name, encoder in encoders().items()
    ]


def _every_kind_of_character() -> str:
    """A thousand code points of all planes; none that Unicode may have assigned since this Python was made."""
    codes = np.random.default_rng(0).integers(0, 0x110000, 20_000).tolist() + list(range(0x3000))
    return "".join(letter for letter in map(chr, codes) if unicodedata.category(letter) not in ("Cn", "Co", "Cs"))


def _reading(encoder: ClassEncoder, text: str) -> dict[str, object]:
    try:
        tokens = encoder.encode(text)
    except ValueError:
        return {"text": text, "refused": True}
    return {
        "text": text,
        "refused": False,
        "tokens": {"ids": tokens.ids.tolist(), "labels": list(tokens.labels), "groups": tokens.groups.tolist()},
    }
