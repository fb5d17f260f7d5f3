"""How training changed the gates, without a browser."""

import base64
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import pretrained
from lstm_core import record, training_checkpoints
from lstm_core.user_models import models_dir
from tests.support.apps import begun, figures, in_every_tab
from tests.support.tiny import train_tiny
from viz.compare.cached import load_training_film
from viz.shared.passage import Passage
from viz.shared.reading import Reading

TEXT = "she sells"


@pytest.fixture
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_HOME", str(tmp_path))


def compared(model_name: str, **query: str) -> AppTest:
    app = begun("compare", model=model_name, text=TEXT, **query)
    assert not app.exception
    return app


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def values(drawn: dict[str, str]) -> np.ndarray:
    """A typed array of a figure's JSON."""
    rows, columns = map(int, drawn["shape"].split(","))
    return np.frombuffer(base64.b64decode(drawn["bdata"]), dtype=drawn["dtype"]).reshape(rows, columns)


@pytest.mark.usefixtures("_home")
@pytest.mark.parametrize("name", ["rounded", "rounded (untrained)"])
def test_the_ends_are_exact_where_checkpoints_are_rounded_or_were_not_kept(name):
    folder = models_dir() / "rounded"
    model = train_tiny(folder, half=True)
    for step in (0, 2, 10):
        (folder / training_checkpoints.FOLDER / f"{step:09d}.safetensors").unlink()
    app = compared(name, tab="units")
    figure = json.loads(app.get("plotly_chart")[-1].proto.spec)
    mean = next(trace for trace in figure["data"] if trace["name"] == "mean")
    assert mean["x"] == ["0", "1", "4", "8", "10"]
    assert (mean["zmin"], mean["zmax"]) == (0, 1)
    units = [int(unit) for unit in mean["y"]]
    for column, exact in ((0, pretrained.untrained("rounded", device="cpu")), (-1, model)):
        forget = record(exact, TEXT).layers["layer0"]["forget"].mean("step").sel(unit=units)
        np.testing.assert_allclose(values(mean["z"])[:, column], forget, atol=1e-6)
    film = load_training_film(Reading(name, Passage(TEXT), "layer0"), 0, len(TEXT), ("forget",))
    kept = {one.step: one for one in training_checkpoints.checkpoints(folder)}
    in_files = {step: kept[step].loss for step in (1, 4, 8)} | dict(
        zip((0, 10), model.card.training["losses"], strict=True)
    )
    assert {frame.step: frame.loss for frame in film.frames} == pytest.approx(
        {step: nats / np.log(2) for step, nats in in_files.items()}
    )
    assert film.frames[2].score == pytest.approx(kept[4].score / np.log(2), nan_ok=True)
    assert (film.unit_of_loss, film.measure) == ("bits", "bits per character")


@pytest.mark.usefixtures("_home")
def test_a_model_without_checkpoints_says_so():
    folder = models_dir() / "bare"
    train_tiny(folder)
    for path in (folder / training_checkpoints.FOLDER).iterdir():
        path.unlink()
    assert "No training checkpoints were saved with “bare”" in captions(compared("bare (untrained)", tab="film"))


@pytest.mark.usefixtures("_home")
def test_a_damaged_checkpoint_is_named_and_the_rest_of_the_page_stays():
    folder = models_dir() / "damaged"
    train_tiny(folder)
    (folder / training_checkpoints.FOLDER / "000000004.safetensors").write_bytes(b"cut off")
    app = compared("damaged")
    assert "cannot be read" in app.warning[0].value
    assert "000000004.safetensors" in app.text[0].value
    assert len(in_every_tab(app, figures)) == 3
