"""Files of other programs: each is called what it is, by what is in it, with a way that works, or it is opened."""

import io
import pickle
import re
import struct
import sys
import tarfile
import types
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core.importers import UnreadableFile
from lstm_core.importers.formats import read_model
from tests.fuzz.canary import watching
from tests.support import tensorflow_files as made
from tests.support.pickles import with_command, with_trap
from tests.support.saved import hold

CODE = re.compile(r"torch\.save\(.*\"\)")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def refusal(content: bytes, name: str = "it") -> str:
    """What is said of a file, whatever it is called."""
    Path(name).write_bytes(content)
    with watching() as canary, pytest.raises(UnreadableFile) as refused:
        read_model(name)
    assert canary.seen == []
    assert len(str(refused.value)) < 450
    return str(refused.value)


def zipped(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def saved(value: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


class RecurrentPolicy(nn.Module):
    """As sb3-contrib's RecurrentActorCriticPolicy names its parts, with the usual hidden layers or without."""

    def __init__(self, hidden: int = 6) -> None:
        super().__init__()
        self.lstm_actor, self.lstm_critic = nn.LSTM(3, 8), nn.LSTM(3, 8)
        self.mlp_extractor = nn.ModuleDict()
        for side in ("policy_net", "value_net"):
            self.mlp_extractor[side] = nn.Sequential(nn.Linear(8, hidden), nn.Tanh()) if hidden else nn.Sequential()
        self.action_net, self.value_net = nn.Linear(hidden or 8, 2), nn.Linear(hidden or 8, 1)


def agent(policy: bytes, **entries: bytes) -> bytes:
    """As Stable-Baselines3 saves one."""
    usual = {
        "data": b'{"policy_class": {":type:": "<class \'abc.ABCMeta\'>"}}',
        "pytorch_variables.pth": saved({}),
        "policy.pth": policy,
        "policy.optimizer.pth": saved({"state": {}}),
        "_stable_baselines3_version": b"2.3.2",
        "system_info.txt": b"- OS: Linux",
    }
    return zipped(usual | entries)


@pytest.mark.parametrize("hidden", [0, 6])
def test_the_policy_of_an_agent_of_stable_baselines_3_opens(hidden):
    torch.manual_seed(0)
    policy = RecurrentPolicy(hidden)
    Path("agent").write_bytes(agent(saved(policy.state_dict())))
    found = read_model("agent")
    by_name = {chain.name: chain for chain in found.chains}
    hold(by_name["lstm_actor"], policy.lstm_actor)
    hold(by_name["lstm_critic"], policy.lstm_critic)
    assert "in an archive of Stable-Baselines3 (.zip)" in found.format
    assert "The weights are those in policy.pth" in found.notes[0]
    if hidden:  # action_net reads mlp_extractor
        assert all(chain.head is None for chain in found.chains)


def test_an_agent_without_a_version_is_one_by_its_other_entries():
    content = zipped({"data": b"{}", "policy.pth": saved(RecurrentPolicy().state_dict())})
    Path("agent").write_bytes(content)
    assert read_model("agent").chains


def test_an_agent_that_attacks_or_has_no_recurrent_layer():
    assert "its policy (policy.pth in it) has no recurrent layer" in refusal(agent(saved(nn.Linear(2, 3).state_dict())))
    marker = Path("marker").absolute()
    state = RecurrentPolicy().state_dict()
    assert "is no part of a model" in refusal(agent(with_command(marker, lambda evil: {**state, "x": evil})))
    Path("trapped").write_bytes(agent(with_trap(lambda evil: {**state, "x": evil}), data=with_trap(lambda evil: evil)))
    with watching() as canary:
        assert read_model("trapped").chains
    assert canary.seen == []
    assert not marker.exists()
    assert "damaged or cut off" in refusal(agent(saved(state)[:-300]))
    assert "has no policy.pth" in refusal(zipped({"_stable_baselines3_version": b"2.3.2", "data": b"{}"}))


def arrays(**given: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **given)
    return buffer.getvalue()


def test_an_agent_of_stable_baselines_2_is_saved_again_as_advised():
    torch.manual_seed(0)
    module = nn.LSTM(3, 4)
    state = {name: one.detach() for name, one in module.state_dict().items()}
    reordered = {name: one.view(4, 4, -1)[[0, 1, 3, 2]].reshape(16, -1) for name, one in state.items()}
    own = {
        "model/lstm1/wx:0": reordered["weight_ih_l0"].T.numpy(),
        "model/lstm1/wh:0": reordered["weight_hh_l0"].T.numpy(),
        "model/lstm1/b:0": (reordered["bias_ih_l0"] + reordered["bias_hh_l0"]).ravel().numpy(),
    }
    names = list(own)
    content = {"data": b"{}", "parameter_list": repr(names).replace("'", '"').encode(), "parameters": arrays(**own)}
    sentence = refusal(zipped(content))
    assert "an agent of Stable-Baselines 2" in sentence
    given, put = re.findall(r"[ifgo](?:, [ifgo]){3}", sentence)
    order = [given.split(", ").index(gate) for gate in put.split(", ")]
    with zipfile.ZipFile("it") as archive, np.load(io.BytesIO(archive.read("parameters"))) as found:
        wx, wh, b = (torch.from_numpy(found[name].T.reshape(4, 4, -1)[order].reshape(16, -1).copy()) for name in names)
    told = {"weight_ih_l0": wx, "weight_hh_l0": wh, "bias_ih_l0": b[:, 0], "bias_hh_l0": torch.zeros(16)}
    torch.save(told, "again.pt")
    hold(read_model("again.pt").chains[0], module)
    for listed, message in (
        (b'["model/pi/w:0"]', "none of these is called wx"),
        (b'["m/lstm1/wx:0", "m/lstm1/gx:0"]', "normalises its layers"),
        (b"[", "none of these is called wx"),
    ):
        assert message in refusal(zipped(content | {"parameter_list": listed}))


def test_a_model_of_deeplearning4j_is_saved_again_as_advised():
    """Its own order of blocks, c f o i, is that of its KerasLstm."""
    torch.manual_seed(0)
    module = nn.LSTM(3, 4)
    sentence = refusal(zipped({"configuration.json": b"{}", "coefficients.bin": b"\0", "updaterState.bin": b"\0"}))
    assert "a model of Deeplearning4j" in sentence
    given, put = (one.split(", ") for one in re.findall(r"[ifco](?:, [ifco]){3}", sentence))
    assert given == ["c", "f", "o", "i"]
    theirs = {}  # W, RW and b, a row a bias
    for name, one in module.state_dict().items():
        blocks = dict(zip("ifco", one.view(16, -1).chunk(4), strict=True))
        theirs[name] = torch.cat([blocks[gate] for gate in given]).mT
    order = [given.index(gate) for gate in put]
    ours = {name: torch.cat([one.mT.chunk(4)[k] for k in order]) for name, one in theirs.items()}
    torch.save({name: one.view(module.state_dict()[name].shape) for name, one in ours.items()}, "again.pt")
    hold(read_model("again.pt").chains[0], module)


def core_ml(*entries: tuple[str, str], kind: int = 500) -> bytes:
    """A neural network as coremltools writes it, with these entries in its metadata."""
    own = b"".join(made.field(100, made.field(1, key) + made.field(2, value)) for key, value in entries)
    described = made.field(1, made.field(1, "input")) + made.field(100, made.field(3, "somebody") + own)
    return made.field(1, 4) + made.field(2, described) + made.field(kind, made.field(1, b"layer"))


class Kraken:
    """kraken's TorchVGSLModel, with a layer as its TransposedSummarizingRNN has it."""

    nn = nn.Sequential(OrderedDict(L_0=nn.ModuleDict({"layer": nn.LSTM(3, 4, bidirectional=True)})))

    @classmethod
    def load_model(cls, path: str) -> "Kraken":
        assert path == "model.mlmodel"
        return cls()


def test_a_model_of_kraken_is_saved_again_as_advised():
    content = core_ml(("codec", "{}"), ("vgsl", "[1,48,0,1 Lbx100 O1c59]"))
    sentence = refusal(content)
    assert "a model of kraken" in sentence
    code = CODE.search(sentence)
    assert code is not None
    exec(code[0], {"torch": torch, "TorchVGSLModel": Kraken})  # noqa: S102 (the advice itself)
    hold(read_model("model.pt").chains[0], Kraken.nn.L_0["layer"])
    assert "a model of kraken" in refusal(content[: content.rindex(b"layer")])  # what comes after is not looked at


@pytest.mark.parametrize("content", [core_ml(), core_ml(("codec", "vgsl")), core_ml(kind=403), core_ml()[:-3]])
def test_other_models_of_core_ml_are_called_that(content):
    assert "a Core ML model (.mlmodel): upload the" in refusal(content)


def test_what_is_like_core_ml_is_not_called_so():
    for other in (core_ml(kind=150), core_ml()[2:], made.field(1, 4) + made.field(2, "x"), core_ml() + b"\x5d0000"):
        assert "Core ML" not in refusal(other)
    package = {"Manifest.json": b"{}", "Data/com.apple.CoreML/model.mlmodel": core_ml()}
    assert "a Core ML package" in refusal(zipped({f"m.mlpackage/{name}": one for name, one in package.items()}))


def of_class(module: str, name: str, state: dict[str, Any], how: Callable[[Any], bytes]) -> bytes:
    """A pickle of an object of a class that is not installed here."""
    parent = types.ModuleType(module)
    made_up = type(name, (), {"__module__": module})
    setattr(parent, name, made_up)
    found = made_up()
    found.__dict__.update(state)
    with pytest.MonkeyPatch.context() as patched:
        for one in (module, module.partition(".")[0]):  # the package comes first
            patched.setitem(sys.modules, one, parent)
        return how(found)


def test_a_network_of_madmom():
    layer = b"cmadmom.ml.nn.layers\nLSTMLayer\n)\x81"
    network = b"\x80\x02cmadmom.ml.nn\nNeuralNetwork\n)\x81}X\x06\x00\x00\x00layers]" + layer + b"asb."
    sentence = refusal(network)
    assert "a neural network of madmom (madmom.ml.nn.NeuralNetwork), whose classes Gatescope does not read" in sentence
    assert "each LSTMLayer as an ONNX node" in sentence
    assert "LSTMLayer" not in refusal(network.replace(b"LSTMLayer", b"FeedForwardLayer"))


@pytest.mark.parametrize("how", [saved, pickle.dumps])
def test_vocabularies_of_opennmt(how):
    content = of_class("torchtext.vocab", "Vocab", {"itos": ["<unk>", "a"], "stoi": {"a": 1}}, how)
    sentence = refusal(content)
    assert "vocabularies of torchtext, as OpenNMT's *.vocab.pt does, and no tensors: upload the checkpoint" in sentence
    with_tensor = of_class("torchtext.vocab", "Vocab", {"vectors": torch.zeros(2, 3)}, how)
    assert "no tensors" not in refusal(with_tensor)
    # Beside weights a vocabulary stops nothing.
    module = nn.LSTM(3, 4)
    beside = {"model": module.state_dict(), "vocab": [("src", None)]}
    Path("checkpoint.pt").write_bytes(saved(beside))
    hold(read_model("checkpoint.pt").chains[0], module)


def torch_tar(module: nn.Module) -> bytes:
    """A state dict in the format of PyTorch before 0.1.10, as `legacy_load` of torch reads it."""
    storages, tensors, names = io.BytesIO(), io.BytesIO(), OrderedDict()
    parts = module.state_dict()
    pickle.dump(len(parts), storages, 2)
    pickle.dump(len(parts), tensors, 2)

    class Pickler(pickle.Pickler):
        def persistent_id(self, one: Any) -> Any:
            return one[1] if isinstance(one, tuple) and one[:1] == ("tensor",) else None

    for number, (name, one) in enumerate(parts.items()):
        pickle.dump((number, "cpu", torch.FloatStorage), storages, 2)
        storages.write(struct.pack("<q", one.numel()) + one.numpy().tobytes())
        pickle.dump((100 + number, number, torch.FloatTensor), tensors, 2)
        tensors.write(struct.pack(f"<i4x{2 * one.ndim}q", one.ndim, *one.shape, *one.stride()) + struct.pack("<q", 0))
        names[name] = ("tensor", str(100 + number))
    pickle.dump([], storages, 2)
    described, buffer = io.BytesIO(), io.BytesIO()
    Pickler(described, 2).dump(names)
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in (
            ("sys_info", pickle.dumps({}, 2)),
            ("pickle", described.getvalue()),
            ("tensors", tensors.getvalue()),
            ("storages", storages.getvalue()),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def test_a_tar_of_torch_is_saved_again_as_advised():
    torch.manual_seed(0)
    module = nn.LSTM(3, 4)
    content = torch_tar(module)
    sentence = refusal(content, "model.pt")
    assert "the tar format of PyTorch before 0.1.10" in sentence
    code = CODE.search(sentence)
    assert code is not None
    exec(code[0], {"torch": torch})  # noqa: S102 (the advice itself)
    hold(read_model("again.pt").chains[0], module)
    other = content.replace(b"sys_info", b"sys_else", 1)
    assert "a tar archive" in refusal(other)
    assert "a tar archive" in refusal(content[:124] + b"99999999999\0" + content[136:])
