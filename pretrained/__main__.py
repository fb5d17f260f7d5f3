"""`python -m pretrained NAME` retrains a model of the zoo."""

from pathlib import Path

import click

from lstm_core import model_files
from lstm_core.cells import Cell, CellType
from lstm_core.training.terminal import bar, score_line
from lstm_core.user_models import unwritable
from pretrained import FOLDER, unit_files
from pretrained.make_units import make_units
from pretrained.recipes import RECIPES
from pretrained.retrain import POOL, retrain


@click.command()
@click.argument("name", type=click.Choice(sorted(RECIPES)))
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file to train on, for those that need one; the card says where it is found.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write; by default the zoo's own. A run that was cut off there goes on.",
)
@click.option(
    "--cell",
    type=click.Choice(["LSTM", "RNN", "GRU"]),
    default="LSTM",
    show_default=True,
    help="Another cell: trains the model's baseline, in a subfolder of that name.",
)
@click.option(
    "--units",
    is_flag=True,
    help="Compute the model's unit cards over its held-out text, and train nothing.",
)
def main(name: str, data: Path | None, out: Path | None, cell: CellType, units: bool) -> None:
    """Retrain the model NAME: its recipe, seed and settings are in pretrained/recipes.py."""
    if units:
        _make_units(name, data, out or FOLDER / name)
        return
    folder = out or (FOLDER / name if cell == "LSTM" else FOLDER / name / cell.lower())
    if out and model_files.is_model(out) and not (out / POOL).is_dir():
        raise click.ClickException(f"{out} already holds a model: choose another --out")
    try:
        model = retrain(name, data, folder, watch=bar, cell=Cell(cell))
    except (ValueError, FloatingPointError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(unwritable(error, folder)) from error
    score = model.card.evaluation
    click.echo(f"{folder}: {score_line(score)}, {score['held_out']}")


def _make_units(name: str, data: Path | None, folder: Path) -> None:
    try:
        size = make_units(name, data, folder, told=click.echo)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{folder / unit_files.FOLDER}: {size:,} bytes")


if __name__ == "__main__":
    main()
