"""`python -m lstm_core.training TASK` trains a model and saves it where the app finds it.

`torchrun --nproc-per-node N -m lstm_core.training TASK` shares each batch among N processes.
"""

import shlex
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from lstm_core import model_files
from lstm_core.device import pick_device
from lstm_core.saving import OccupiedError
from lstm_core.settings import OPTIMIZERS, SCHEDULES, Settings
from lstm_core.tasks import FILES, TASKS, Size, Task, make_task
from lstm_core.training import RESUME, Initial, finish, initial_model, parallel, train
from lstm_core.training.terminal import bar, score_line
from lstm_core.user_models import home, new_model_dir, unwritable, user_models

Own = TypeVar("Own", Size, Settings)
CHOICES = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES}


def _own_options(cls: type[Settings] | type[Size]) -> Callable[[Any], Any]:
    """A command-line option for each field of `cls`, unset by default: then the task's own value is used."""

    def decorate(command: Any) -> Any:
        for own in reversed(fields(cls)):
            flag = own.name.replace("_", "-")
            if isinstance(own.default, bool):
                command = click.option(f"--{flag}/--no-{flag}", own.name, default=None)(command)
                continue
            kind = click.Choice(CHOICES[own.name]) if own.name in CHOICES else type(own.default)
            command = click.option(f"--{flag}", own.name, type=kind, default=None)(command)
        return command

    return decorate


@click.command()
@click.argument("name", metavar="TASK", type=click.Choice(sorted(TASKS)))
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=f"For {', '.join(FILES)}: your own."
)
@click.option(
    "--option", "options", multiple=True, metavar="NAME=VALUE", help="One of the task's own, such as length=200."
)
@click.option("--name", "called", help="What the model is called in the app; by default as the task.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A folder, instead of the app's own.")
@click.option("--device", default="cpu", help="cpu, cuda, mps or auto.")
@_own_options(Size)
@_own_options(Settings)
def main(
    name: str,
    file: Path | None,
    options: tuple[str, ...],
    called: str | None,
    out: Path | None,
    device: str,
    **given: Any,
) -> None:
    """Train a model for TASK; an interrupted run is resumed. Options that are not given are the task's own."""
    own = parallel.join()
    try:
        task = make_task(name, file, dict(map(_option, options)))
        size, settings = _changed(task.size, given), _changed(task.settings, given)
        if caution := task.caution(settings.batch):
            click.echo(f"Warning: {caution}", err=True)
        folder = _free(out, called or name)
        model = initial_model(task.config(size), Initial.of(task, settings), device=own or pick_device(device))
        _run(model, task, settings, folder, called or name)
    except (ValueError, FloatingPointError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(unwritable(error, out or home())) from error
    finally:
        parallel.leave()


def _changed(usual: Own, given: dict[str, Any]) -> Own:
    return replace(usual, **{one.name: given[one.name] for one in fields(usual) if given[one.name] is not None})


def _run(model: Any, task: Task, settings: Settings, folder: Path, name: str) -> None:
    progress = train(model, task, settings, folder=folder)
    deque(bar(progress, task) if parallel.rank() == 0 else progress, maxlen=0)
    if parallel.rank() == 0:
        command = "python -m lstm_core.training " + shlex.join(sys.argv[1:])
        score = finish(model, task, settings, folder, name=name, command=command).evaluation
        (folder / RESUME).unlink()
        click.echo(f"{folder}: {score_line(score)}")
    parallel.meet()


def _free(out: Path | None, name: str) -> Path:
    """The folder for the model: one without a model, or with a run to resume. Checked before hours of training."""
    folder = out or new_model_dir(name, taken=user_models())
    model_files.check_free(folder)
    if model_files.is_model(folder):
        raise OccupiedError(f"{folder} already holds a model: choose another --out")
    return folder


def _option(text: str) -> tuple[str, object]:
    name, sign, value = text.partition("=")
    if not sign:
        raise ValueError(f"--option {text!r} should be NAME=VALUE, such as length=200")
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    return name, value


if __name__ == "__main__":
    main()
