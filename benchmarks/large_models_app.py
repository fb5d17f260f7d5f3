"""The real app, with large models among its own: `streamlit run benchmarks/large_models_app.py`."""

import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from benchmarks import large_models  # noqa: E402 (importable only with ROOT on the path, two lines up)

large_models.open_to_the_app(large_models.stand_ins(large_models.LAYOUTS, large_models.model))
runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
