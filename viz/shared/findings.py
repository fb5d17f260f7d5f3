"""Known findings in the models of the zoo: what opens each on its page, and where to look."""

from collections.abc import Mapping
from dataclasses import dataclass

from viz.locale import N_
from viz.shared.model_facts import UNTRAINED


@dataclass(frozen=True)
class Finding:
    """Something to see in a model of the zoo, one click away."""

    page: str  # as `viz.shared.state.begin` is told
    title: str  # on its button
    model_name: str
    text: str  # the title of one of the model's examples, or else a text of its own
    values: Mapping[str, object]  # what else is chosen, by the name that a link has
    look_for: str  # as Markdown; on Explore, whose picture says it, as plain text
    help: str = ""


FINDINGS = {
    finding.title: finding
    for finding in (
        Finding(
            page="explore",
            title=N_("Inside quotes"),
            model_name="python",
            text="NAMES = ['north', 'south by west', 'the other way']",
            values={"unit": 132},
            look_for=N_(
                "Unit 132 follows the quotes: its cell state is above 0.6 inside each and below 0.3 elsewhere. Line h shows it best."
            ),
        ),
        Finding(
            page="explore",
            title=N_("Counting a's and b's"),
            model_name="anbn",
            text=f"S{'a' * 12}{'b' * 12}T",
            values={"unit": 0},
            look_for=N_("Unit 0 counts: its cell state rises by 1 with every a and falls by 1 with every b."),
        ),
        Finding(
            page="explore",
            title=N_("Before any training"),
            model_name=f"shakespeare{UNTRAINED}",
            text=N_("A cry for Romeo"),
            values={"unit": 118},
            look_for=N_(
                "Untrained gates stay between 0.28 and 0.70; trained, most of their values are below 0.1 or above 0.9."
            ),
        ),
        Finding(
            page="memory",
            title=N_("A unit that counts"),
            model_name="anbn",
            text="".join(f"S{'a' * n}{'b' * n}T" for n in (8, 3, 12, 5, 20, 9, 15, 6)),
            values={"unit": 0, "step": 87, "written_at": 1, "feature": "a's minus b's", "tab": "tracking"},
            look_for=N_(
                "In the strip of unit 0, every a wrote +1 and every b between −0.83 and −1; at least 0.78 of each remains, so the sum "
                "is about the count. Below the curve: its cell state follows the number of a's minus the number of b's (correlation 0.998), "
                "and its half-life of 209 steps is longer than the text."
            ),
        ),
        Finding(
            page="memory",
            title=N_("A unit that knows it is inside quotation marks"),
            model_name="python",
            text="""import os

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
            values={
                "unit": 132,
                "step": 485,
                "written_at": 452,
                "feature": "inside quotation marks",
                "tab": "tracking",
            },
            look_for=N_(
                "Unit 132 holds 1.05 inside these quotation marks: the opening mark wrote 0.20 and the letter after it 0.79; less than "
                "0.001 remains from before. Below the curve: its cell state is higher inside quotation marks than outside (AUC 0.9996)."
            ),
        ),
        Finding(
            page="memory",
            title=N_("A unit that measures the line"),
            model_name="shakespeare",
            text="""Shall I compare thee to a summer's day?
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
            values={"unit": 108, "step": 620, "written_at": 573, "feature": "far into the line", "tab": "tracking"},
            look_for=N_(
                "The first two letters of a line write nearly +1 each to unit 108, so it rises to between 1.8 and 1.92. Then every word lowers "
                "it a little, to below −0.6, until the line end brings it to between −0.05 and 0.37. Under “What units track”, its cell "
                "state is a sawtooth with one tooth per line."
            ),
        ),
        Finding(
            page="gradients",
            title=N_("A letter remembered over 16 steps"),
            model_name="embedded_reber",
            text=N_("P across a long string"),
            values={"target_step": 17, "target_of": "P", "step": 1, "unit": 3},
            look_for=N_(
                "The string must end as it began: after step 17 the model predicts the **P** of step 1. **That P weighs 0.64 as much as the "
                "heaviest letter; in the tanh RNN 2.1e-10**, where 1.7e-11 of the gradient remains. The P reached the cell state one step late, "
                "through the hidden state: so 16 steps back “cell-state path only” drops, and “all paths” does not. From step 2 on unit 3, "
                "the top row of the heatmap below, keeps its forget gate open."
            ),
        ),
        Finding(
            page="gradients",
            title=N_("A sum kept over 100 numbers"),
            model_name="adding",
            text=N_("Two marked of a hundred"),
            values={"unit": 40, "step": 0},
            look_for=N_(
                "**The cell state keeps this gradient over all 100 steps**: the forget gate of unit 40, the top row of the heatmap below, stays above "
                "0.9, and seven tenths of the gradient reach the first number on the cell-state path. **The tanh RNN keeps 2.1e-08 there**: "
                "it never learnt to add."
            ),
        ),
        Finding(
            page="what_if",
            title=N_("Look for this: break a model that counts"),
            model_name="anbn",
            text=f"S{'a' * 10}{'b' * 10}T",
            values={"held": ["forget_0.5_u0-2"], "turn": "same"},  # the forget gates of its two units that count
            look_for=N_(
                "**Units 0 and 2 count**: their cell states rise with every a and fall with every b. Clamped at f = 0.5 they "
                "lose half of the count at every step, so the model predicts the end T after only two b's: see where the cost rises. "
                "At the bottom, knock out each unit in turn in the same way: only these two matter."
            ),
            help=N_(
                "Two units of “As many b's as a's” count the a's. What if their forget gates kept only half of the count?"
            ),
        ),
    )
}


def findings_on(page: str) -> list[Finding]:
    return [finding for finding in FINDINGS.values() if finding.page == page]
