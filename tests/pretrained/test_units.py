"""The unit cards that are shipped: of these weights, over this text, no larger than 1 MB, and the same when made again."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import pretrained
from lstm_core.analysis import unit_histograms, unit_passages
from lstm_core.corpus import passage_values, record_corpus
from pretrained import held_out, unit_files
from pretrained.__main__ import main
from pretrained.make_units import MOST_BYTES
from pretrained.recipes import RECIPES

ROOT = Path(__file__).parents[2]
SHIPPED = [name for name in pretrained.zoo() if (pretrained.folder_of(name) / unit_files.FOLDER).is_dir()]


def test_all_models_have_cards():
    assert list(pretrained.zoo()) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_cards_are_of_all_units_over_the_text_beside_them(name):
    model, text = pretrained.load(name, device="cpu"), pretrained.units_text(name)
    for layer in model.config.layer_names:
        found = pretrained.units(name, layer)
        assert found["model"] == model.digest
        assert [card["unit"] for card in found["cards"]] == list(range(model.config.units(layer)))
        assert found["steps"] == sum(len(model.encode(one)) for one in text)
        assert {*found["signals"]} == {*found["cards"][0]["passages"]}
        assert found["source"].endswith(".")
    assert sum(path.stat().st_size for path in (pretrained.folder_of(name) / unit_files.FOLDER).iterdir()) <= MOST_BYTES


@pytest.mark.parametrize(
    ("name", "unit", "feature", "score"),
    [
        ("anbn", 0, "a's minus b's", 0.99),
        ("anbn", 2, "a's minus b's", 0.99),
        ("python", 132, "inside single quotation marks", 0.99),
        ("python", 190, "deep in the code", 0.85),
        ("shakespeare", 108, "far into the line", 0.9),
    ],
)
def test_units_that_are_known_from_elsewhere_have_their_line(name, unit, feature, score):
    """The pages name the counters and the quotation unit as findings; test_claims.py tests what is said of them."""
    follows = pretrained.units(name)["cards"][unit]["line"]["follows"]
    assert follows["feature"] == feature
    assert follows["score"] > score
    assert follows["low"] > follows["untrained"]


def test_places_fit_a_recording_of_the_text(tmp_path):
    found, model = pretrained.units("anbn"), pretrained.load("anbn", device="cpu")
    assert pretrained.units_text("anbn") == held_out.held_out(RECIPES["anbn"].make(None)).documents
    corpus = record_corpus(model, pretrained.units_text("anbn"), tmp_path / "corpus", signals=found["signals"])
    histograms = unit_histograms(corpus)
    for signal in found["signals"]:
        table = unit_passages(corpus, signal, window=found["window"])
        for unit, card in enumerate(found["cards"]):
            assert card["histograms"][signal]["mean"] == pytest.approx(
                histograms["mean"].sel(signal=signal, unit=unit).item(), rel=1e-3, abs=1e-6
            )
            for lists in card["passages"][signal].values():
                values = corpus[signal][lists["step"], unit].to_numpy()
                np.testing.assert_allclose(values, lists["value"], rtol=1e-3, atol=1e-3)
            tops = table[(table["unit"] == unit) & (table["list"] == "top")]
            assert card["passages"][signal]["top"]["value"] == pytest.approx(tops["value"].tolist(), abs=1e-3)
    top = found["cards"][0]["passages"]["cell"]["top"]
    (passage,) = passage_values(corpus, 0, "cell", top["step"][:1])
    assert passage.values.max() == pytest.approx(top["value"][0], rel=1e-3)


@pytest.fixture
def short(monkeypatch):
    """Few sequences, and two checkpoints, without the first and the last."""
    monkeypatch.setattr(held_out, "GENERATED", 900)
    some = pretrained.checkpoints("anbn")[4:6]
    monkeypatch.setattr(pretrained, "checkpoints", lambda _: some)


@pytest.mark.usefixtures("short")
def test_the_command_makes_the_same_bytes_again(tmp_path):
    made = []
    for number in (1, 2):
        out = tmp_path / f"{number}"
        result = CliRunner().invoke(main, ["anbn", "--units", "--out", str(out)])
        assert result.exit_code == 0, result.output
        made.append({path.name: path.read_bytes() for path in (out / unit_files.FOLDER).iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == {"text.json.gz", "layer0.json.gz"}
    card = unit_files.read_cards(out, "layer0", pretrained.load("anbn").digest)["cards"][0]
    over_training = card["gates_over_training"]
    assert over_training["step"] == [0, 8, 16, 8000]
    assert len(over_training["forget"]) == len(over_training["step"])
    assert card["knock_out"]["cost"] > 0


def test_cards_of_other_weights_and_models_without_cards_are_refused(tmp_path):
    unit_files.write_cards(tmp_path / "model", "layer0", {"model": "another", "cards": [{"unit": 0}, {"unit": 1}]})
    assert unit_files.read_cards(tmp_path / "model", "layer0", "another")["cards"] == [{"unit": 0}, {"unit": 1}]
    with pytest.raises(ValueError, match="of other weights"):
        unit_files.read_cards(tmp_path / "model", "layer0", "this one")
    with pytest.raises(FileNotFoundError, match="--units"):
        unit_files.read_text_file(tmp_path / "model")
    with pytest.raises(FileNotFoundError, match="layer9"):
        pretrained.units("anbn", "layer9")


def test_a_file_that_a_recipe_needs_is_asked_for():
    result = CliRunner().invoke(main, ["temperature", "--units"])
    assert result.exit_code == 1
    assert "needs --data" in result.output


def test_a_wheel_has_the_cards():
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert "pretrained" in wheel["wheel"]["packages"]
    assert not {"exclude", "only-include"} & wheel["wheel"].keys()
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    files = [path for name in SHIPPED for path in (pretrained.folder_of(name) / unit_files.FOLDER).iterdir()]
    assert files
    assert not [path for path in files for one in ignored if fnmatch(path.name, one) or one.strip("/") in path.parts]
