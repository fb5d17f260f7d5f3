"""The command `gatescope`: starts the same app as `streamlit run app.py`, from wherever it is installed."""

import sys
from pathlib import Path

import click
from streamlit.web import cli

from viz import loading

ASKS = {"--help", "--version"}  # which need nothing loaded


def app_file() -> Path:
    """Where is app.py? In a checkout beside this package; in an installed wheel, inside it."""
    here = Path(__file__).parent
    beside, inside = here.parent / "app.py", here / "app.py"
    return inside if inside.is_file() else beside


def main() -> None:
    """Load what the pages need, then pass the command's own options on to `streamlit run`, which prints the address."""
    if not ASKS.intersection(sys.argv[1:]):
        click.echo(loading.WAITING)
        try:
            loading.load()
        except loading.CannotLoadError as error:
            sys.exit(str(error))
    sys.argv = ["streamlit", "run", str(app_file()), *sys.argv[1:]]
    sys.exit(cli.main())
