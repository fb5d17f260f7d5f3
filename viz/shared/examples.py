"""Example texts, and findings to look for in them."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Finding:
    """A known finding in a model of the zoo, and where to look for it."""

    title: str
    model: str
    text: str
    unit: int
    step: int
    written_at: int  # the step that wrote what the unit remembers
    feature: str  # as `lstm_core.analysis.text_features` names it
    look_for: str


FINDINGS = {
    finding.title: finding
    for finding in (
        Finding(
            N_("A unit that counts"),
            "anbn",
            "".join(f"S{'a' * n}{'b' * n}T" for n in (8, 3, 12, 5, 20, 9, 15, 6)),
            0,
            87,
            1,
            "a's minus b's",
            N_(
                "In the strip of unit 0, every a wrote +1 and every b between −0.83 and −1; at least 0.78 of each remains, so the sum "
                "is about the count. Below, its half-life of 209 steps is longer than the text, and its cell state tracks the number "
                "of a's minus the number of b's (correlation 0.998)."
            ),
        ),
        Finding(
            N_("A unit that knows it is inside quotation marks"),
            "python",
            """import os

NAMES = ['north', 'south by south west', 'the other way round']

def describe(place, width):
    if place not in NAMES:
        raise ValueError('there is no such place')
    title = place.replace('by', 'and')
    if width < 20:
        print('nothing to be seen from here')
    return title

class Walker:
    def walk(self, distance):
        while distance > 0:
            distance = distance - self.steps.pop()
            self.report('still on the way to the next house')
        return self.path

    def report(self, message):
        print('the walker says', message)
""",
            132,
            485,
            452,
            "inside quotation marks",
            N_(
                "Unit 132 holds 1.05 inside these quotation marks: the opening mark wrote 0.20 and the letter after it 0.79; less than "
                "0.001 remains from before. At the bottom, its cell state is higher inside quotation marks than outside (AUC 0.9996)."
            ),
        ),
        Finding(
            N_("A unit that measures the line"),
            "shakespeare",
            """Shall I compare thee to a summer's day?
Thou art more lovely and more temperate:
Rough winds do shake the darling buds of May,
And summer's lease hath all too short a date:
Sometime too hot the eye of heaven shines,
And often is his gold complexion dimm'd;
And every fair from fair sometime declines,
By chance, or nature's changing course, untrimm'd;
But thy eternal summer shall not fade
Nor lose possession of that fair thou owest;
Nor shall Death brag thou wander'st in his shade,
When in eternal lines to time thou growest:
So long as men can breathe or eyes can see,
So long lives this, and this gives life to thee.
""",
            108,
            620,
            573,
            "far into the line",
            N_(
                "The first two letters of a line write nearly +1 each to unit 108, so it rises to between 1.8 and 1.92. Then every word lowers "
                "it a little, to below −0.6, until the line end brings it to between −0.05 and 0.37. At the bottom, its cell state is "
                "a sawtooth with one tooth per line."
            ),
        ),
    )
}
