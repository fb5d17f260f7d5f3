"""The commands beside the app: `gatescope export` and `gatescope site` make pages, `gatescope corpus` records."""

from pathlib import Path

import click

import pretrained
from lstm_core import SequenceModel
from lstm_core.corpus import USUAL, record_corpus
from lstm_core.importers import Chain, ImportedModel, build_model, read_sandboxed, untrained_twin, usual_encoder
from lstm_core.saving import write_text
from viz.live.one_file import PAGES, export_page, frame
from viz.live.pair import Pair, pair_of
from viz.live.site import write_site
from viz.locale import N_, _
from viz.shared.exports import maker, slug
from viz.shared.model_facts import title_of

__all__ = ["commands"]

WRONG = (KeyError, ValueError, OSError)  # of what was asked for: a sentence, not a traceback
HEAD = 4096  # bytes of a file in which a page of ours says that it is one


@click.group()
def commands() -> None:
    """Pages that need no Python, in which the model runs in the reader's browser; and recordings of large texts."""


@commands.command()
@click.option(
    "--model",
    "models",
    required=True,
    multiple=True,
    help=N_(
        "A model's name, or a file of PyTorch, Keras, ONNX or TensorFlow; of a model in several files each, or their folder."
    ),
)
@click.option("--text", help=N_("What it reads first. [default: its first example]"))
@click.option(
    "--page", type=click.Choice(list(PAGES)), default="explore", show_default=True, help=N_("What is shown first.")
)
@click.option("--unit", type=click.IntRange(0), help=N_("The selected unit."))
@click.option("--step", type=click.IntRange(0), help=N_("The selected step, from 0."))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help=N_("[default: MODEL.html]"))
@click.option("--embed", is_flag=True, help=N_("Print the HTML that shows the page within another."))
def export(
    models: tuple[str, ...],
    text: str | None,
    page: str,
    unit: int | None,
    step: int | None,
    output: Path | None,
    embed: bool,
) -> None:
    """Write one HTML file: a model that reads what is typed, anywhere and offline.

    It holds the model before training too, where that is known, and loads nothing.
    """
    try:
        pair = _pair(models)
        target = output or Path(f"{slug(pair.name) or 'model'}.html")
        _check_free(target)
        made = export_page(pair, text, page=page, unit=unit, step=step)
        write_text(target, made)
    except WRONG as error:
        raise _sentence(error) from error
    click.echo(_("{file}: {size} MB").format(file=target, size=f"{len(made) / 1e6:.2f}"))
    if embed:
        click.echo(frame(target.name, title_of(pair.name)))


@commands.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--models", multiple=True, help=N_("A model's name; may be given several times. [default: all]"))
def site(folder: Path, models: tuple[str, ...]) -> None:
    """Write a static site into FOLDER: an index, and a page for each model.

    Any host of files serves it. A site that lies there is replaced; a folder of anything else is not touched.
    """
    try:
        for line in write_site(folder, models):
            click.echo(line)
    except WRONG as error:
        raise _sentence(error) from error
    click.echo(_("The site is in {folder}: open {index}").format(folder=folder, index=folder / "index.html"))


@commands.command()
@click.argument("model")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help=N_("The new folder.")
)
@click.option(
    "--signal",
    "signals",
    multiple=True,
    help=N_("What is kept; may be given several times. [default: cell, hidden, forget]"),
)
@click.option(
    "--streams", type=click.IntRange(1), default=64, show_default=True, help=N_("Documents that are read side by side.")
)
@click.option("--scheduler", help=N_("The address of a dask cluster, tcp://host:8786. [default: this process]"))
def corpus(
    model: str, source: Path, output: Path, signals: tuple[str, ...], streams: int, scheduler: str | None
) -> None:
    """Record what all units of MODEL do over SOURCE: a text file, a folder of files, or a table.

    MODEL is a model's name, or a file of PyTorch, Keras, ONNX or TensorFlow. After an interruption the same command goes on.
    """
    try:
        recorded = record_corpus(
            _model(model),
            source,
            output,
            signals=signals or USUAL,
            streams=streams,
            scheduler=scheduler,
            progress=True,
        )
    except WRONG as error:
        raise _sentence(error) from error
    documents = int(recorded["document"][-1]) + 1
    told = _("{folder}: {steps} steps of {documents} documents, {units} units")
    sizes = recorded.sizes
    click.echo(told.format(folder=output, steps=f"{sizes['step']:,}", documents=f"{documents:,}", units=sizes["unit"]))


def _pair(models: tuple[str, ...]) -> Pair:
    if _is_known(models):
        return pair_of(models[0])
    name, built, read = _imported(models)
    return Pair(name, built, untrained_twin(built, read.initialised_by or read.framework))


def _model(name: str) -> SequenceModel:
    return pretrained.load(name, device="cpu") if _is_known((name,)) else _imported((name,))[1]


def _is_known(models: tuple[str, ...]) -> bool:
    """Is it a name, not files?"""
    path = Path(models[0])
    return len(models) == 1 and (
        path.name in pretrained.names() or not (path.is_dir() or (path.suffix and path.is_file()))
    )


def _imported(models: tuple[str, ...]) -> tuple[str, SequenceModel, ImportedModel]:
    """The model of a file, or of several: its name, itself, and what was read."""
    paths = [Path(one) for one in models]
    path = next((one for one in paths if one.suffix == ".index"), paths[0])
    read = read_sandboxed(paths, path.name)
    chain: Chain = read.chains[0]
    built = build_model(chain, encoder=usual_encoder(chain, read.vocabulary))
    return path.stem, built, read


def _check_free(path: Path) -> None:
    """Raise ValueError where a file lies that is no page of ours."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        ours = f'name="generator" content="{maker().partition(" ")[0]}' in file.read(HEAD)
    if not ours:
        raise ValueError(_("{file} is not a page that Gatescope made: choose another name").format(file=path))


def _sentence(error: Exception) -> click.ClickException:
    return click.ClickException(str(error.args[0]) if isinstance(error, KeyError) else str(error))
