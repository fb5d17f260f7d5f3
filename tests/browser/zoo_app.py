"""The real app, with the models of zoo.py among its own: `streamlit run tests/browser/zoo_app.py`."""

import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from tests.browser import zoo  # noqa: E402 (importable only with ROOT on the path, two lines up)

zoo.open_to_the_app()
runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
