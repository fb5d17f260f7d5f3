"""The command `gatescope`: starts the same app as `streamlit run app.py`, from wherever it is installed."""

import sys
from pathlib import Path

from streamlit.web import cli


def app_file() -> Path:
    """Where is app.py? In a checkout beside this package; in an installed wheel, inside it."""
    here = Path(__file__).parent
    beside, inside = here.parent / "app.py", here / "app.py"
    return inside if inside.is_file() else beside


def main() -> None:
    """Pass the command's own options on to `streamlit run`."""
    sys.argv = ["streamlit", "run", str(app_file()), *sys.argv[1:]]
    sys.exit(cli.main())
