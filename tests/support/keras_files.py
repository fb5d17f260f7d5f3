"""Keras files made by hand: archives with another configuration, and HDF5 in the layout of Keras 2."""

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Config = dict[str, Any]


def edited(archive: Path, edit: Callable[[Config], object], files: Mapping[str, bytes] | None = None) -> Path:
    """A copy of a .keras archive with its configuration edited in place, and with `files` put in or replaced."""
    with zipfile.ZipFile(archive) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    config = json.loads(entries["config.json"])
    edit(config)
    entries |= {"config.json": json.dumps(config).encode(), **(files or {})}
    copy = archive.with_name(f"edited_{archive.name}")
    with zipfile.ZipFile(copy, "w") as new:
        for name, content in entries.items():
            new.writestr(name, content)
    return copy


def layer(kind: str, name: str, **config: Any) -> Config:
    """A layer as Keras 2 describes it in a Sequential model."""
    return {"class_name": kind, "config": {"name": name, "trainable": True, "dtype": "float32", **config}}


def wired(described: Config, *reads: str) -> Config:
    """The same in a functional model of Keras 2."""
    name = described["config"]["name"]
    return described | {"name": name, "inbound_nodes": [[[one, 0, 0, {}] for one in reads]] if reads else []}


def keras2(
    path: Path, config: Config | None, weights: Mapping[str, Mapping[str, np.ndarray]], version: str = "2.11.0"
) -> Path:
    """A file as Keras 2 writes it: the whole model, or without a configuration its weights alone."""
    with h5py.File(path, "w") as file:
        root: Any = file
        file.attrs["keras_version"] = version.encode()
        file.attrs["backend"] = b"tensorflow"
        if config is not None:
            file.attrs["model_config"] = json.dumps(config).encode()
            root = file.create_group("model_weights")
        root.attrs["layer_names"] = np.array([name.encode() for name in weights])
        for name, tensors in weights.items():
            group = root.create_group(name)
            group.attrs["weight_names"] = np.array([f"{name}/{one}".encode() for one in tensors])
            for one, tensor in tensors.items():
                group[f"{name}/{one}"] = tensor
    return path


def sequential(*layers: Config) -> Config:
    return {"class_name": "Sequential", "config": {"name": "sequential", "layers": list(layers)}}


def functional(*layers: Config) -> Config:
    return {"class_name": "Functional", "config": {"name": "model", "layers": list(layers)}}
