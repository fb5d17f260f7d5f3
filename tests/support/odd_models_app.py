"""The real app, with the models of odd_models.py among its own: `streamlit run tests/support/odd_models_app.py`."""

import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from benchmarks import large_models  # noqa: E402 (as the next)
from tests.support import odd_models  # noqa: E402 (importable only with ROOT on the path, two lines up)

large_models.open_to_the_app(odd_models.STAND_INS)
runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
