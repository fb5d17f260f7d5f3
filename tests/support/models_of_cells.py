"""Small models of every cell and arrangement, all of them byte or character models in double precision."""

import torch

from lstm_core import CharacterEncoder, ModelConfig, SequenceModel
from lstm_core.cells import GRU, LSTM, RNN, Activation, Cell
from lstm_core.readouts import NextToken, Readout
from lstm_core.stack import Layout

LETTERS = CharacterEncoder(tuple("abcd"))
TEXT = "abacabdcba"
HARD = Cell(gate=Activation("hard_sigmoid", 1 / 6, 0.5), candidate=Activation("softsign"), clip=2.0)

STACKS: dict[str, tuple[Layout, ...]] = {
    "peepholes": (Layout(3, 4, peephole=True), Layout(4, 3)),
    "a projection below": (Layout(3, 4, projection=2), Layout(2, 3, peephole=True, projection=2)),
    "hard sigmoid": (Layout(3, 4, HARD),),
    "GRU": (Layout(3, 4, GRU), Layout(4, 3, Cell("GRU", reset_after=False))),
    "RNN": (Layout(3, 4, RNN), Layout(4, 3, Cell("RNN", candidate=Activation("relu")))),
    "both ways, summed": (Layout(3, 4, reading="both", merge="sum"), Layout(4, 3, GRU, reading="reverse")),
    "both ways, multiplied": (Layout(3, 4, LSTM, reading="both", merge="mul", ends=True), Layout(4, 3)),
}
KINDS = ("LSTM", "two layers", "two layers, both ways", *STACKS)


def made(kind: str, *, readout: Readout | None = None, seed: int = 2) -> SequenceModel:
    """A fresh model of that kind, its weights larger than usual so that gates move and gradients are worth the name."""
    readout = NextToken() if readout is None else readout
    if kind in STACKS:
        config = ModelConfig.of_stack(LETTERS, STACKS[kind], readout=readout)
    else:
        config = ModelConfig(
            LETTERS, 3, 4, layers=1 if kind == "LSTM" else 2, bidirectional="both" in kind, readout=readout
        )
    model = SequenceModel(config, seed=seed, device="cpu").double().eval()
    with torch.no_grad():
        for weights in (*model.lstm.parameters(), model.readout.weight):
            weights *= 2
    return model
