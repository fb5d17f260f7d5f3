import pytest
import torch

from lstm_core import (
    ByteEncoder,
    CharacterEncoder,
    ModelConfig,
    SequenceModel,
    available_devices,
    layer_number,
    pick_device,
)


def test_the_state_dict_names_are_those_that_are_documented():
    model = SequenceModel(ModelConfig(ByteEncoder(), 3, 4, layers=2, bidirectional=True), device="cpu")
    lstm = [
        f"lstm.{kind}_l{layer}{suffix}"
        for layer in (0, 1)
        for suffix in ("", "_reverse")
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
    assert list(model.state_dict()) == ["embedding.weight", *lstm, "readout.weight", "readout.bias"]
    assert model.readout.weight.shape == (256, 8)
    assert model.config.layer_names == ("layer0", "layer0_reverse", "layer1", "layer1_reverse")
    assert [layer_number(name) for name in (*model.config.layer_names, "layer12")] == [0, 0, 1, 1, 12]


def test_a_seed_decides_the_weights_and_leaves_torchs_own_generator_alone():
    config = ModelConfig(ByteEncoder(), 3, 4)
    torch.manual_seed(7)
    before = torch.get_rng_state()
    one, same, other = (SequenceModel(config, seed=seed, device="cpu") for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert one.digest == same.digest
    assert one.digest != other.digest


def test_the_digest_tells_layouts_of_equal_weights_apart():
    weights = SequenceModel(ModelConfig(CharacterEncoder(("a", "b")), 3, 4), seed=1, device="cpu")
    renamed = SequenceModel(ModelConfig(CharacterEncoder(("a", "c")), 3, 4), seed=1, device="cpu")
    assert weights.digest != renamed.digest


def test_a_batch_reads_each_sequence_as_if_alone(small_model):
    ids = torch.tensor([list(b"abc"), list(b"xyz")])
    logits, (hidden, cell) = small_model(ids)
    assert logits.shape == (2, 3, 256)
    for row in range(2):
        alone, (own_hidden, own_cell) = small_model(ids[row])
        torch.testing.assert_close(logits[row], alone, atol=1e-6, rtol=0)
        torch.testing.assert_close(hidden[:, row], own_hidden, atol=1e-6, rtol=0)
        torch.testing.assert_close(cell[:, row], own_cell, atol=1e-6, rtol=0)


def test_auto_picks_the_fastest_device_present():
    assert pick_device("auto").type == available_devices()[0]
    assert available_devices()[-1] == "cpu"


@pytest.mark.parametrize("device", ["cuda:99", "gpu", "xpu"])
def test_a_device_that_is_not_here_is_refused_with_those_that_are(device):
    with pytest.raises(ValueError, match=r"this machine has: .*cpu"):
        pick_device(device)


@pytest.mark.skipif("cuda" in available_devices(), reason="asks for cuda where there is none")
def test_cuda_where_there_is_none_is_a_clear_error():
    with pytest.raises(ValueError, match="device 'cuda' is not available; this machine has"):
        SequenceModel(ModelConfig(ByteEncoder(), 3, 4), device="cuda")


@pytest.mark.parametrize(("name", "value"), [("hidden", 0), ("layers", -1), ("embedding", 2.5), ("bidirectional", 1)])
def test_a_layout_that_cannot_be_is_refused(name, value):
    from jaxtyping import TypeCheckError

    with pytest.raises((ValueError, TypeCheckError)):
        ModelConfig(**{"encoder": ByteEncoder(), "embedding": 3, "hidden": 4, name: value})


def test_tokens_outside_the_classes_are_refused():
    from lstm_core import Tokens

    model = SequenceModel(ModelConfig(CharacterEncoder(("a", "b")), 3, 4), device="cpu")
    tokens = ByteEncoder().encode("ab")
    assert isinstance(tokens, Tokens)
    with pytest.raises(ValueError, match="tokens go from 97 to 98, but the model has classes 0 to 1"):
        model.encode(tokens)
