"""Example texts that open in one click."""

from lstm_core import ByteEncoder, Card, ModelConfig
from pretrained.measures import VERSE
from viz.locale import N_

EXAMPLES = {
    N_("A cry for Romeo"): VERSE,
    N_("Names in capitals, line ends"): (
        "ROMEO:\nWhat shall I swear by?\n\nJULIET:\nDo not swear at all;\nOr, if thou wilt, swear by thy gracious self.\n"
    ),
    N_("Quoted speech"): "She said 'I know not what to say', and then 'Farewell, my lord', and he was gone.",
    N_("A word repeated"): "the king the king the king the king the king the king",
    N_("A line cut short"): "To be, or not to be: that is the question:\nWhether 'tis nob",
    N_("Not Shakespeare"): "for (int i = 0; i < 10; i++) { sum += x[i]; }  // 你好 🎭 <b>bold?</b>",
}

DEFAULT_TEXT = VERSE
PLAYWRIGHTS = ("shakespeare",)  # models for which EXAMPLES were written


def examples_for(config: ModelConfig, card: Card) -> dict[str, str]:
    """The example texts for a model, by title: first those written for it, then those of its card.

    A model of bytes whose card has none gets EXAMPLES too: it reads any text.
    """
    written = card.name in PLAYWRIGHTS or not card.examples
    return (EXAMPLES if written and isinstance(config.encoder, ByteEncoder) else {}) | dict(card.examples)
