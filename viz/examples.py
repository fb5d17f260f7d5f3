"""Texts that show something, to pick from."""

from lstm_core import ByteEncoder, Card, ModelConfig

EXAMPLES = {
    "A cry for Romeo": "JULIET: O Romeo, Romeo! wherefore art thou Romeo?",
    "Names in capitals, line ends": (
        "ROMEO:\nWhat shall I swear by?\n\nJULIET:\nDo not swear at all;\nOr, if thou wilt, swear by thy gracious self.\n"
    ),
    "Quoted speech": "She said 'I know not what to say', and then 'Farewell, my lord', and he was gone.",
    "A word repeated": "the king the king the king the king the king the king",
    "A line cut short": "To be, or not to be: that is the question:\nWhether 'tis nob",
    "Not Shakespeare": "for (int i = 0; i < 10; i++) { sum += x[i]; }  // 你好 🎭 <b>bold?</b>",
}

DEFAULT_TEXT = EXAMPLES["A cry for Romeo"]
PLAYWRIGHTS = ("shakespeare",)  # models for which EXAMPLES were written


def examples_for(config: ModelConfig, card: Card) -> dict[str, str]:
    """What can be picked for a model to read, by title: what was written for it, then what its card has.

    A model of bytes whose card has none is offered EXAMPLES too: it reads any text.
    """
    written = card.name in PLAYWRIGHTS or not card.examples
    return (EXAMPLES if written and isinstance(config.encoder, ByteEncoder) else {}) | dict(card.examples)
