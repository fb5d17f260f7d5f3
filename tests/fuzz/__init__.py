"""Valid files of every format, mutated, read in forked children under the importers' own limits."""

FORMATS = (
    "pytorch",
    "legacy",
    "whole",
    "pickle",
    "exported",
    "safetensors",
    "npz",
    "keras",
    "h5",
    "onnx",
    "tensorflow",
)
