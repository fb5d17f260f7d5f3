"""Protobuf files that are not supported: what each is, and what to upload instead."""

from collections.abc import Sequence
from pathlib import Path

from lstm_core.importers.limits import LIMITS
from lstm_core.importers.protobuf_fields import LENGTH, VARINT, Fields, message, text

DESCRIPTION, UPDATABLE, KINDS = 2, 10, range(200, 3_001)  # fields of a Core ML model; KINDS: one of them is the model
METADATA, OF_ITS_MAKER = 100, 100
KRAKEN_KEY = "vgsl"  # kraken's description of its layers
MAX_METADATA_FIELDS = 10_000
KRAKEN_AGAIN = (
    "load it with kraken (from kraken.lib.vgsl import TorchVGSLModel) and save its weights, "
    'torch.save(TorchVGSLModel.load_model("model.mlmodel").nn.state_dict(), "model.pt")'
)


def core_ml_reason(path: Path, fields: Sequence[tuple[int, int]]) -> str:
    """One sentence on a Core ML model (.mlmodel), kraken's among them; empty for any other file.

    `fields`: number and wire type of those that the file begins with, see `fields_of`.
    Source: Model.proto and FeatureTypes.proto of github.com/apple/coremltools.
    """
    others = [(number, wire) for number, wire in fields if number > DESCRIPTION and number != UPDATABLE]
    if list(fields[:2]) != [(1, VARINT), (DESCRIPTION, LENGTH)] or not others:
        return ""
    if any(number not in KINDS or wire != LENGTH for number, wire in others):
        return ""
    if KRAKEN_KEY in _keys(path):
        return f"this file is a model of kraken, whose weights are stored as Core ML has them: {KRAKEN_AGAIN}"
    return "this file is a Core ML model (.mlmodel): upload the PyTorch, Keras or TensorFlow model that it was converted from"


def _keys(path: Path) -> list[str]:
    """What the maker of a Core ML model wrote into its metadata: the names of the entries."""
    with path.open("rb") as file:
        content = memoryview(file.read(LIMITS.metadata))
    walk = Fields(MAX_METADATA_FIELDS)
    found: list[str] = []
    try:
        described = next(value for number, value in walk.of(content) if number == DESCRIPTION)
        for metadata in walk.named(message(described), {METADATA: "own"})["own"]:
            for entry in walk.named(message(metadata), {OF_ITS_MAKER: "own"})["own"]:
                found += [text(key) for key in walk.named(message(entry), {1: "key"})["key"]]
    except (ValueError, StopIteration):  # damaged, or cut off
        pass
    return found
