"""What to look for in each model of the zoo: a sentence with figures, and the function that measures these figures.

A hint is shown with its model, so it must hold for exactly these parameters. Tests measure every figure again; a model
that is trained again needs new hints.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lstm_core import SequenceModel
from pretrained import measures
from pretrained.measures import SEQUENCES

NOISE = 2e-4  # how far a measurement may differ on another processor
OF_AN_RNN = (
    "Its hidden state: a simple RNN has no gates and no cell state. On the page Gradients, compare how far its gradient and "
    "the LSTM's reach."
)


@dataclass(frozen=True)
class Hint:
    """Words for a reader, and how each figure in them is measured on the model.

    `figures` are as they are printed. A name that begins with "above" is a bound: everything measured lies above it, by
    less than its last digit; "below" likewise.
    """

    words: str  # with {name} where a figure stands
    figures: Mapping[str, str]
    measure: Callable[[SequenceModel], Mapping[str, float]]
    unit: int  # that the words name first: it is shown first

    @property
    def text(self) -> str:
        return self.words.format(**self.figures)

    def wrong(self, model: SequenceModel) -> dict[str, tuple[str, float]]:
        """The figures that differ from those measured on `model`, printed and measured; empty if the hint holds."""
        found = self.measure(model)
        return {
            name: (printed, found[name])
            for name, printed in self.figures.items()
            if not agrees(name, printed, found[name])
        }


def agrees(name: str, printed: str, value: float) -> bool:
    """Is a printed figure the rounded value, or the bound that its name says?"""
    digit = 10.0 ** -len(printed.partition(".")[2])
    if name.startswith(("above", "below")):
        room = value - float(printed) if name.startswith("above") else float(printed) - value
        return -NOISE <= room < digit + NOISE
    return abs(float(printed) - value) <= digit / 2 + NOISE


HINTS: Mapping[str, Hint] = {
    "adding": Hint(
        "Unit 40 takes in only marked numbers: on “Two marked of a hundred” its input gate averages {input} at the two marked "
        "numbers and {input_else} at all others, and its forget gate stays above {above_kept}.",
        {"input": "0.67", "input_else": "0.01", "above_kept": "0.92"},
        measures.adding,
        unit=40,
    ),
    "anbn": Hint(
        "Units 0 and 2 count: the cell state of each rises by 1 at every a and falls by 1 at every b, to within {below_off} on 30 "
        "of each, and their forget gates stay above {above_kept}.",
        {"below_off": "0.005", "above_kept": "0.99"},
        measures.anbn,
        unit=0,
    ),
    "anbncn": Hint(
        "Two counters. On “Eight of each”, the cell state of unit 8 rises by {a_8} at an a and falls by {b_8} at a b, on average. Unit 14 "
        "waits at an a ({a_14}), rises by {b_14} at a b and falls by {c_14} at a c.",
        {"a_8": "0.99", "b_8": "1.00", "a_14": "0.00", "b_14": "1.00", "c_14": "1.00"},
        measures.anbncn,
        unit=8,
    ),
    "brackets": Hint(
        "Unit 9 measures the depth: its cell state falls by {opened} at an opening bracket and rises by {closed} at a closing one, "
        "on average. The hidden state of unit 18 shows the kind of the innermost: {round} inside ( ) and {square} inside [ ].",
        {"opened": "1.00", "closed": "1.00", "round": "-0.84", "square": "-0.03"},
        measures.brackets,
        unit=9,
    ),
    "embedded_reber": Hint(
        f"Unit 3 remembers the second symbol: while the inner string is read, in {SEQUENCES} fresh strings, its cell state stays "
        "above {above_t} after BT and below {below_p} after BP, and its forget gate above {above_kept}.",
        {"above_t": "0.82", "below_p": "0.00", "above_kept": "0.94"},
        measures.embedded_reber,
        unit=3,
    ),
    "python": Hint(
        "On “Blocks within blocks”, the forget gate of unit 52 closes at line ends: its mean is {forget} there and {forget_else} elsewhere. The "
        "cell state of unit 23 shows brackets: it averages {cell} inside and {cell_else} outside.",
        {"forget": "0.03", "forget_else": "0.73", "cell": "1.25", "cell_else": "-2.30"},
        measures.python,
        unit=52,
    ),
    "sentiment": Hint(
        "The cell state of unit 23 tracks how favourable the sentence is so far: over eight short ones its correlation with the "
        "log odds of “positive” is {follows}. “bad” lowers it by {bad}, “funny” raises it by {funny}, the other words move it by {other} on "
        "average. A “not” does not reverse what follows: after “not bad” the probability of “positive” is {not_bad}.",
        {"follows": "0.995", "bad": "0.33", "funny": "0.24", "other": "0.08", "not_bad": "0.05"},
        measures.sentiment,
        unit=23,
    ),
    "shakespeare": Hint(
        "Output gates close at spaces: on “JULIET: O Romeo, Romeo! ...” their mean is {output} there and {output_else} elsewhere; forget "
        "gates close less, {forget} and {forget_else}. The output gate of unit 118 shows it best: {unit} and {unit_else}.",
        {
            "output": "0.25",
            "output_else": "0.53",
            "forget": "0.37",
            "forget_else": "0.51",
            "unit": "0.00",
            "unit_else": "0.79",
        },
        measures.shakespeare,
        unit=118,
    ),
    "temperature": Hint(
        "The cell state of unit 15 tracks the last temperature (correlation {last} on “Start of the held-out series”), and the cell "
        "state of unit 11 tracks the mean of the last seven ({week}).",
        {"last": "0.98", "week": "0.94"},
        measures.temperature,
        unit=15,
    ),
    "temporal_order": Hint(
        "Unit 1 reacts to X: its cell state falls by {fall} on average at an X, and no other symbol moves it by more than {below_other}. At "
        "the end, in {right} of "
        f"{SEQUENCES} fresh sequences, the cell state of unit 0 is above 0 where X came first and below 0 where Y did.",
        {"fall": "7.5", "below_other": "0.97", "right": "50"},
        measures.temporal_order,
        unit=1,
    ),
}
