"""The page Import: one file of each framework is dropped, opened, and shows the gates that the framework computes."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZE
from tests.browser.reading import beyond_first_screen, expect_chosen, live_values, objections, settled
from tests.browser.test_phone import LOWEST, SCREEN
from tests.support.pickles import with_command
from tests.support.tensorflow_files import unzipped

LETTERS = "abcdefgh "
TEXT = "a bad cab faced a head"
UNITS = 6


class Net(torch.nn.Module):
    """A character model as people write them."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(len(LETTERS), 4)
        self.lstm = torch.nn.LSTM(4, UNITS, batch_first=True)
        self.fc = torch.nn.Linear(UNITS, len(LETTERS))

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden, _ = self.lstm(self.embedding(ids))
        return self.fc(hidden), hidden


@pytest.fixture(scope="module")
def net() -> Net:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Net().eval()


@pytest.fixture(scope="module")
def ids() -> torch.Tensor:
    return torch.tensor([[LETTERS.index(letter) for letter in TEXT]])


def drop(page: Page, address: str, *files: Path | list[Path]) -> None:
    if "/import" not in page.url:
        page.goto(f"{address}/import")
    for file in files:
        page.locator(".st-key-dropped-file input[type=file]").set_input_files(file)
        settled(page)


def opened(page: Page, name: str) -> None:
    """Press "Open" and wait for Explore to show that model."""
    page.get_by_role("button", name="Open").and_(page.get_by_test_id("stBaseButton-primary")).click()
    expect_chosen(page, name)
    expect(page.get_by_label("Text", exact=True)).to_be_visible()
    settled(page)
    page.get_by_role("button", name="What is this?").click()  # what is known of the model; it stays open


def typed(page: Page, text: str, steps: int) -> dict[str, np.ndarray]:
    """What the heatmaps show of a text, (step, unit) by signal."""
    page.get_by_label("Text", exact=True).fill(text)
    return {name: values.T for name, values in live_values(page, steps).items()}


def test_a_state_dict_brings_its_vocabulary_and_is_verified(page, address, net, ids, tmp_path):
    file = tmp_path / "my letters.pt"
    stoi = {letter: number for number, letter in enumerate(LETTERS)}
    torch.save({"epoch": 3, "state_dict": {f"module.{k}": v for k, v in net.state_dict().items()}, "stoi": stoi}, file)
    drop(page, address, file)
    expect(page.get_by_text("9 entries for 9 classes")).to_be_visible()
    settled(page)
    page.wait_for_selector(".explore-view[data-read]")  # the picture, without leaving the page
    assert beyond_first_screen(page, ".explore-view .picture") == []
    page.set_viewport_size(SCREEN)  # a phone's: the picture stands between the drop zone and what was found
    drop_zone, picture, found = (
        one.bounding_box()["y"]
        for one in (
            page.locator(".st-key-dropped-file"),
            page.locator(".explore-view .picture"),
            page.get_by_text("9 entries for 9 classes"),
        )
    )
    assert drop_zone < picture < min(found, LOWEST)
    page.set_viewport_size(SIZE)
    assert objections(page) == []
    here = typed(page, TEXT, len(TEXT))
    opened(page, "my letters")
    shown = {name: values.T for name, values in live_values(page, len(TEXT)).items()}  # what was typed on Import
    with torch.no_grad():
        hidden = net(ids)[1][0].numpy()
    np.testing.assert_allclose(here["hidden"], hidden, atol=1e-6)
    np.testing.assert_allclose(shown["hidden"], hidden, atol=1e-6)
    np.testing.assert_allclose(shown["output"] * np.tanh(shown["cell"]), hidden, atol=1e-6)
    expect(page.get_by_text("verified").first).to_be_visible()
    expect(page.get_by_text("largest difference from torch's own LSTM")).to_be_visible()
    page.wait_for_url(re.compile(r"text=a\+bad\+cab"))  # the address is written after the figures
    page.reload()  # the link has it
    np.testing.assert_allclose(np.array([live_values(page, len(TEXT))["hidden"].T]), np.array([hidden]), atol=1e-6)


@pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)  # Keras's
def test_a_keras_file_shows_the_gates_that_keras_computes(page, address, tmp_path):
    from tests.support.keras_models import keras

    keras.utils.set_random_seed(1)
    rows = [[0.1, -0.5], [0.7, 0.2], [-1.5, 0.25], [0.5, 2.0]]
    inputs = keras.Input((None, 2))
    gru = keras.layers.GRU(UNITS, return_sequences=True, name="memory")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1)(gru))
    file = tmp_path / "<b>weather</b>.keras".replace("/", "")
    model.save(file)
    drop(page, address, file)
    page.get_by_label("Numbers", exact=True).fill("\n".join(f"{a},{b}" for a, b in rows))
    page.get_by_label("Numbers", exact=True).press("Control+Enter")
    expect(page.get_by_text("4 timesteps of 2 numbers.")).to_be_visible()
    opened(page, "b weather b")
    expect(page.get_by_text("not verified").first).to_be_visible()
    drawn = live_values(page, 4)
    wanted = np.asarray(keras.Model(inputs, gru).predict(np.array([rows]), verbose=0))[0]
    assert "update" in drawn
    np.testing.assert_allclose(drawn["hidden"].T, wanted, atol=1e-5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning", "ignore::UserWarning")
def test_an_onnx_file_is_opened_with_a_pasted_vocabulary(page, address, net, ids, tmp_path):
    file = tmp_path / "graph.onnx"
    torch.onnx.export(net, (ids,), str(file), dynamo=False, dynamic_axes={"ids": {1: "steps"}}, input_names=["ids"])
    drop(page, address, file)
    page.get_by_role("radiogroup", name="Vocabulary").get_by_text("paste").click()
    page.get_by_label("Entries", exact=True).fill(LETTERS)
    page.get_by_label("Entries", exact=True).press("Control+Enter")
    expect(page.get_by_text("9 entries for 9 classes")).to_be_visible()
    assert "Upload" not in page.url  # where the server keeps the file is nothing for a link
    opened(page, "graph")
    shown = typed(page, TEXT, len(TEXT))
    with torch.no_grad():
        np.testing.assert_allclose(shown["hidden"], net(ids)[1][0].numpy(), atol=1e-5)
    expect(page.get_by_text("Gatescope never runs an uploaded graph")).to_be_visible()


def test_the_files_of_a_tensorflow_checkpoint_are_dropped_together(page, address, tmp_path):
    """One after the other, too: the index waits for its weights. Its states are those that TensorFlow computed."""
    made = Path(__file__).parents[1] / "data" / "tensorflow"
    folder = unzipped(made / "gru.zip", tmp_path)
    index, *others = (folder / f"model.ckpt.{part}" for part in ("index", "data-00000-of-00001", "meta"))
    drop(page, address, index)
    expect(page.get_by_text("choose the .data-00000-of-00001 file with it")).to_be_visible()
    drop(page, address, others)
    expect(page.get_by_text("Found: TensorFlow checkpoint")).to_be_visible()
    outputs = np.load(made / "outputs.npz")
    page.get_by_label("Numbers", exact=True).fill(
        "\n".join(",".join(map(repr, row.tolist())) for row in outputs["numbers"])
    )
    page.get_by_label("Numbers", exact=True).press("Control+Enter")
    expect(page.get_by_text("6 timesteps of 3 numbers.")).to_be_visible()
    np.testing.assert_allclose(live_values(page, 6)["hidden"].T, outputs["gru/hidden0"], atol=1e-5)
    expect(page.get_by_text("TensorFlow is not part of Gatescope")).to_be_visible()


def test_files_that_cannot_be_read_get_a_sentence_and_the_page_goes_on(page, address, net, tmp_path):
    attack, random = tmp_path / "attack.pt", tmp_path / "noise.h5"
    attack.write_bytes(with_command(tmp_path / "marker", lambda evil: {"model": net.state_dict(), "x": evil}))
    random.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 8)
    drop(page, address, attack)
    expect(page.get_by_text("which is no part of a model").first).to_be_visible()
    expect(page.get_by_text("attack.pt:")).to_be_visible()
    drop(page, address, random)
    expect(page.get_by_text("noise.h5:")).to_be_visible()
    page.get_by_role("link", name="Explore").click()
    settled(page)
    assert live_values(page, 49)["forget"].shape == (256, 49)
