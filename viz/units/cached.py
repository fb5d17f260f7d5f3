"""What the page of a unit reads of a corpus: its passages, with their values."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lstm_core.corpus import passage_values
from lstm_core.corpus.passage_values import PassageValues
from viz.shared.cached import load_model
from viz.shared.corpora import Corpus
from viz.shared.corpus_text import CorpusText

MOST = 20  # steps that are marked before and after the middle of a passage


def passages_of(
    corpus: Corpus, card: Mapping[str, Any], signal: str, model_name: str
) -> dict[str, list[dict[str, Any]]]:
    """The passages of a unit by list, each with its tokens, the values of `signal`, and whether its document begins or ends there.

    Each has the text that opens there, too, and which steps of that are marked: those at which the unit does what it does in
    the middle of the passage.
    """
    recording = corpus.recording
    text = CorpusText.of(corpus, recording, load_model(model_name))
    lists = card["passages"].get(signal, {})
    steps = [step for own in lists.values() for step in own["step"]]
    read = iter(passage_values(recording, card["unit"], signal, steps, window=card["window"]))
    return {
        name: [_passage(text, next(read), *one) for one in zip(own["step"], own["value"], strict=True)]
        for name, own in lists.items()
    }


def _passage(text: CorpusText, passage: PassageValues, step: int, value: float) -> dict[str, Any]:
    stop = passage.start + len(passage.tokens)
    return {
        **_opened(text, passage, step),
        "tokens": list(passage.tokens),
        "values": [round(float(one), 4) if np.isfinite(one) else None for one in passage.values],
        "at": step - passage.start,
        "value": value,
        "begins": bool(passage.start in text.edges),
        "ends": bool(stop in text.edges),
    }


def _opened(text: CorpusText, passage: PassageValues, step: int) -> dict[str, Any]:
    at = step - passage.start
    start, stop = _alike(passage.values, at)
    found = text.around(passage.start + start, passage.start + stop)
    if found is None:
        return {}
    whole, span = found
    return {"text": whole, "span": span, "step": span[0] + at - start}


def _alike(values: np.ndarray, at: int) -> tuple[int, int]:
    """The steps around one at which a unit stays on the same side of its mean, at most MOST to each side."""
    side = np.sign(values - np.nanmean(values)) == np.sign(values[at] - np.nanmean(values))
    start, stop = at, at + 1
    while start > max(at - MOST, 0) and side[start - 1]:
        start -= 1
    while stop < min(at + MOST, len(values)) and side[stop]:
        stop += 1
    return start, stop
