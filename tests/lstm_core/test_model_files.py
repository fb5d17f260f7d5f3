import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from lstm_core import ByteEncoder, Card, CharacterEncoder, ModelConfig, SequenceModel, model_files
from lstm_core.model_files import CheckpointError


@pytest.fixture
def saved(tmp_path):
    model = SequenceModel(
        ModelConfig(CharacterEncoder(("a", "<", "\n")), 3, 4, layers=2, bidirectional=True), seed=1, device="cpu"
    )
    model.card = Card(
        name="toy",
        summary="Says little.",
        look_for="Nothing much.",
        examples={"Short": "a<\n"},
        training={"steps": 3, "settings": {"seed": 1}},
        evaluation={"score": 1.5},
    )
    model_files.save(model, tmp_path)
    return tmp_path, model


def test_a_model_comes_back_whole(saved):
    folder, model = saved
    again = model_files.load(folder, device="cpu")
    assert again.config == model.config
    assert again.card == model.card
    assert (
        "unit" not in json.loads((folder / "model.json").read_text())["card"]
    )  # as in files from before there was one
    assert again.digest == model.digest
    assert not again.training
    ids = torch.tensor([0, 1, 2, 1])
    assert torch.equal(again(ids)[0], model.eval()(ids)[0])
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.safetensors"]


def test_layout_and_card_are_read_without_the_weights(saved):
    folder, model = saved
    (folder / model_files.WEIGHTS).unlink()
    assert model_files.read_description(folder) == (model.config, model.card)
    (folder / model_files.CONFIG).write_text('{"format": 3}')
    with pytest.raises(CheckpointError, match="this version reads format 2, the file says 3"):
        model_files.read_description(folder)


def test_a_card_keeps_the_unit_to_show_first(saved):
    folder, model = saved
    model.card = replace(model.card, unit=3)
    model_files.save(model, folder)
    assert model_files.load(folder, device="cpu").card == model.card


def test_a_loaded_model_can_be_trained_on(saved):
    folder, _ = saved
    model = model_files.load(folder, device="cpu").train()
    model(torch.tensor([0, 1, 2]))[0].sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def edited(folder, change):
    path = folder / "model.json"
    fields = json.loads(path.read_text())
    change(fields)
    path.write_text(json.dumps(fields))


@pytest.mark.parametrize("name", ["model.json", "model.safetensors"])
def test_a_missing_file_is_named(saved, name):
    folder, _ = saved
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match=rf"{name}: there is no such file"):
        model_files.load(folder)


@pytest.mark.parametrize("keep", [0, 7, 100, 0.5, 0.99])
def test_truncated_weights_are_named(saved, keep):
    folder, _ = saved
    path = folder / "model.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[: keep if isinstance(keep, int) else int(len(content) * keep)])
    with pytest.raises(CheckpointError, match=r"model\.safetensors: not a whole safetensors file"):
        model_files.load(folder)


def test_a_flipped_bit_is_noticed(saved):
    folder, _ = saved
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model\.safetensors: the weights are not those"):
        model_files.load(folder)


def test_weights_of_another_shape_are_named(saved):
    folder, _ = saved
    edited(folder, lambda fields: fields["config"].update(hidden=5))
    with pytest.raises(
        CheckpointError, match=r"safetensors: lstm.weight_ih_l0 is \(16, 3\), but model.json asks for \(20, 3\)"
    ):
        model_files.load(folder)


def test_missing_extra_and_non_finite_tensors_are_named(saved):
    folder, _ = saved
    path = folder / "model.safetensors"
    tensors = load_file(path)
    save_file({name: tensor for name, tensor in tensors.items() if name != "readout.bias"}, path)
    with pytest.raises(CheckpointError, match=r"missing \['readout.bias'\], unexpected none"):
        model_files.load(folder)
    save_file({**tensors, "more": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match=r"unexpected \['more'\]"):
        model_files.load(folder)
    save_file({**tensors, "readout.bias": torch.full((3,), torch.nan)}, path)
    with pytest.raises(CheckpointError, match=r"readout.bias must hold finite float32"):
        model_files.load(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda fields: fields.update(format=1), "reads format 2, the file says 1"),
        (lambda fields: fields["config"].update(hidden=-1), "hidden must be a whole number"),
        (lambda fields: fields["config"].update(hidden=10**6), r"lstm.weight_ih_l0 is"),
        (lambda fields: fields["config"].update(hidden=10**12), "hidden must be a whole number from 1 to 1,000,000"),
        (lambda fields: fields["config"].pop("layers"), "'config' must hold exactly"),
        (lambda fields: fields["config"].update(encoder={"kind": "word"}), "no encoder is described"),
        (lambda fields: fields.update(card=None), "'card' must hold exactly"),
        (lambda fields: fields["card"].update(name=3), "card's 'name' must be a str"),
        (lambda fields: fields["card"].pop("look_for"), "'card' must hold exactly"),
        (lambda fields: fields["card"].update(examples=["a"]), "card's 'examples' must be a dict"),
        (lambda fields: fields["card"].update(unit=4), "card's 'unit' must be one of the first layer's 4, not 4"),
        (lambda fields: fields["card"].update(unit="1"), "card's 'unit' must be one of the first layer's 4, not '1'"),
        (lambda fields: fields["card"].update(unit=True), "card's 'unit' must be one of"),
        (lambda fields: fields["card"].update(units=1), "'card' must hold exactly"),
        (lambda fields: fields["card"].update(examples={"Short": 1}), "card's 'examples' must be texts by title"),
        (lambda fields: fields["config"].update(readout={"kind": "magic"}), "model.json: no readout is described"),
        (lambda fields: fields["config"].update(readout={"kind": "labels", "labels": ["a"]}), "two different words"),
        (lambda fields: fields["config"].update(readout={"kind": "legal"}), "digests differ"),
        (
            lambda fields: fields["config"].update(
                encoder={"kind": "number", "names": ["x"], "mean": [0.0], "spread": [1.0], "period": 0.0}
            ),
            "embedding must be 1, the numbers that are read",
        ),
        (
            lambda fields: fields["config"].update(encoder={"kind": "character", "vocabulary": ["a", "b", "c"]}),
            "digests differ",
        ),
    ],
)
def test_a_json_that_does_not_fit_is_named(saved, change, message):
    folder, _ = saved
    edited(folder, change)
    with pytest.raises(CheckpointError, match=message):
        model_files.load(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_what_is_no_json_is_named(saved, content):
    folder, _ = saved
    (folder / "model.json").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model\.json"):
        model_files.load(folder)


def test_files_of_two_saves_do_not_mix(saved, tmp_path):
    folder, model = saved
    other = SequenceModel(model.config, seed=2, device="cpu")
    model_files.save(other, tmp_path / "other")
    (tmp_path / "other" / "model.safetensors").replace(folder / "model.safetensors")
    with pytest.raises(CheckpointError, match="digests differ"):
        model_files.load(folder)


def test_a_byte_model_comes_back_too(tmp_path, small_model):
    model_files.save(small_model, tmp_path)
    assert isinstance(model_files.load(tmp_path, device="cpu").config.encoder, ByteEncoder)
