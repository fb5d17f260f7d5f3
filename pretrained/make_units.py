"""make_units(NAME): the unit cards of a model of the zoo, over its held-out text, as they are shipped."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pretrained
from lstm_core.analysis import unit_cards
from lstm_core.analysis.unit_passages import WINDOW
from lstm_core.corpus import open_corpus, record_corpus
from lstm_core.model import SequenceModel
from lstm_core.recording import SIGNALS_OF
from pretrained import unit_files
from pretrained.held_out import held_out
from pretrained.recipes import RECIPES

MOST_BYTES = 1_000_000  # of a model's two files together


def make_units(name: str, data: Path | None, folder: Path, *, told: Callable[[str], None] = lambda _: None) -> int:
    """Record the model `name` over its held-out text and write its `units` folder into `folder`; how many bytes that takes.

    `data` is the file that the recipe names, or None where it needs none. Raises ValueError for a file that is not what the
    recipe reads, and where the files are more than 1 MB.
    """
    found = held_out(RECIPES[name].make(data))
    model = pretrained.load(name, device="cpu")
    unit_files.write_text_file(folder, found.documents, source=found.source)
    written = folder / unit_files.FOLDER
    with tempfile.TemporaryDirectory() as place:
        told("recording")
        _record(model, found.documents, Path(place) / "trained")
        _record(pretrained.untrained(name, device="cpu"), found.documents, Path(place) / "untrained")
        for layer in model.config.layer_names:
            told(f"computing the cards of {layer}")
            corpus = open_corpus(Path(place) / "trained", layer=layer)
            cards = unit_cards(
                corpus, model, layer_name=layer, untrained=open_corpus(Path(place) / "untrained", layer=layer)
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
    size = sum(path.stat().st_size for path in written.iterdir())
    if size > MOST_BYTES:
        raise ValueError(f"the unit cards of {name} take {size:,} bytes, more than {MOST_BYTES:,}")
    return size


def _record(model: SequenceModel, documents: list[str], place: Path) -> None:
    """All signals: gates to 1/510, and states in float16."""
    signals = sorted(
        {signal for name in model.config.layer_names for signal in SIGNALS_OF[model.config.cell(name).type]}
    )
    record_corpus(model, documents, place, signals=signals)
