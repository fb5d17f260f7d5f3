"""make_units(NAME): the unit cards of a model of the zoo, over its held-out text, as they are shipped."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pretrained
from lstm_core.analysis import unit_cards
from lstm_core.analysis.unit_passages import WINDOW
from lstm_core.corpus import open_corpus, record_corpus
from lstm_core.corpus.sources import beginnings
from lstm_core.encoders import Tokens
from lstm_core.model import SequenceModel
from lstm_core.recording import SIGNALS_OF
from lstm_core.training import untrained_draws
from lstm_core.training_checkpoints import load_checkpoint
from pretrained import unit_files
from pretrained.held_out import held_out
from pretrained.retrain import task_of

MOST_BYTES = 1_000_000  # of a model's two files together
AT_CHECKPOINTS = 20_000  # steps that a checkpoint reads
AT_DRAWS = 50_000  # and a model with random weights


def make_units(name: str, data: Path | None, folder: Path, *, told: Callable[[str], None] = lambda _: None) -> int:
    """Record the model `name` over its held-out text and write its `units` folder into `folder`; how many bytes that takes.

    `data` is the file that the recipe names, or None where it needs none. Raises ValueError for a file that is not what the
    recipe reads, and where the files are more than 1 MB.
    """
    found = held_out(task_of(name, data))
    model = pretrained.load(name, device="cpu")
    unit_files.write_text_file(folder, found.documents, source=found.source)
    with tempfile.TemporaryDirectory() as place:
        told("recording the model, models with random weights, and its checkpoints")
        recorded = _Recorded.of(name, model, found.documents, Path(place))
        for layer in model.config.layer_names:
            told(f"computing the cards of {layer}")
            corpus = open_corpus(recorded.trained, layer=layer)
            cards = unit_cards(
                corpus,
                model,
                layer_name=layer,
                untrained=[open_corpus(one, layer=layer) for one in recorded.draws],
                documents=found.documents,
                checkpoints=[(step, open_corpus(one, layer=layer)) for step, one in recorded.checkpoints.items()],
            )
            about = {
                "model": model.digest,
                "layer": layer,
                "window": WINDOW,
                "steps": corpus.sizes["step"],
                "source": found.source,
                "signals": list(cards[0]["histograms"]),
            }
            unit_files.write_cards(folder, layer, {**about, "cards": cards})
    size = sum(path.stat().st_size for path in (folder / unit_files.FOLDER).iterdir())
    if size > MOST_BYTES:
        raise ValueError(f"the unit cards of {name} take {size:,} bytes, more than {MOST_BYTES:,}")
    return size


@dataclass(frozen=True)
class _Recorded:
    """Where the recordings lie."""

    trained: Path
    draws: list[Path]  # models with random weights, of the beginning of each document
    checkpoints: dict[int, Path]  # by training step, of the text's beginning

    @classmethod
    def of(cls, name: str, model: SequenceModel, documents: list[str], place: Path) -> "_Recorded":
        """The checkpoints that are shipped; before them the untrained model, and the trained one last, where these are not among them."""
        found = cls(place / "trained", [], {})
        _record(model, documents, found.trained)
        read = beginnings([model.encode(one) for one in documents], AT_DRAWS)
        for number, one in enumerate(untrained_draws(model)):
            found.draws.append(place / f"draw {number}")
            _record(one, read, found.draws[-1])
        course = {0: pretrained.untrained(name, device="cpu")}
        course |= {one.step: load_checkpoint(one, model.config) for one in pretrained.checkpoints(name)}
        course.setdefault(int(str(model.card.training["steps"])), model)
        beginning = _beginning(model, documents)
        for step in sorted(course):
            found.checkpoints[step] = place / f"{step}"
            _record(course[step], beginning, found.checkpoints[step])
        return found


def _beginning(model: SequenceModel, documents: list[str]) -> list[Tokens]:
    """The first of the documents, and of one that is too long its beginning."""
    found, left = [], AT_CHECKPOINTS
    for one in documents:
        tokens = model.encode(one)
        found.append(tokens.until(min(left, len(tokens))))
        left -= len(found[-1])
        if left <= 0:
            break
    return found


def _record(model: SequenceModel, documents: Sequence[str | Tokens], place: Path) -> None:
    """All signals: gates to 1/510, and states in float16."""
    signals = sorted(
        {signal for name in model.config.layer_names for signal in SIGNALS_OF[model.config.cell(name).type]}
    )
    record_corpus(model, documents, place, signals=signals)
