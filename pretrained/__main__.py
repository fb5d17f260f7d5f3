"""`python -m pretrained NAME --data PATH` trains a model of the zoo again."""

from collections.abc import Iterator
from pathlib import Path

import click
from tqdm import tqdm

from lstm_core.training import RESUME, Progress
from pretrained import FOLDER
from pretrained.recipes import RECIPES, cook


def _show(progress: Iterator[Progress]) -> Iterator[Progress]:
    with tqdm(unit="step", smoothing=0.05) as bar:
        for now in progress:
            bar.total, bar.n = now.steps, now.step
            bar.set_postfix(loss=f"{now.loss:.3f}", tokens_per_s=f"{now.tokens_per_second:,.0f}", refresh=False)
            bar.update(0)
            yield now


@click.command()
@click.argument("name", type=click.Choice(sorted(RECIPES)))
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The text file to train on; the card says where it is found.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write; by default the zoo's own. A run that was cut off there goes on.",
)
def main(name: str, data: Path, out: Path | None) -> None:
    """Train the model NAME again: recipe, seed and settings are in pretrained/recipes.py."""
    folder = out or FOLDER / name
    try:
        model = cook(name, data, folder, watch=_show)
    except (ValueError, FloatingPointError) as error:
        raise click.ClickException(str(error)) from error
    (folder / RESUME).unlink(missing_ok=True)
    click.echo(f"{folder}: {model.card.evaluation}")


if __name__ == "__main__":
    main()
