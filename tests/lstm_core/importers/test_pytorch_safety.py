"""What else may be wrong with a file of PyTorch's, each with its own sentence; the limits; and the memory that it takes."""

import struct
import subprocess
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from lstm_core.importers import LIMITS
from lstm_core.importers import archive as archives
from lstm_core.importers.pytorch import chains, layers, safetensors_file, state_dict
from lstm_core.importers.pytorch.read import read_pytorch, read_safetensors
from tests.support.hostile import (
    NUMBERS,
    TRICKS,
    archive,
    legacy,
    pickled,
    refused,
    safetensors,
)


@pytest.mark.parametrize("keep", [0, 1, 3, 4, 30, 0.2, 0.5, 0.9, 0.99, -1])
@pytest.mark.parametrize("how", ["zip", "legacy", "safetensors"])
def test_truncated_files_are_named(tmp_path, how, keep):
    path = tmp_path / "model.pt"
    weights = nn.LSTM(30, 40).state_dict()
    if how == "safetensors":
        save_file(weights, path)
    else:
        torch.save(weights, path, _use_new_zipfile_serialization=how == "zip")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep) if isinstance(keep, float) else keep])
    reader = read_safetensors if how == "safetensors" else read_pytorch
    refused(path, "empty|cut off|not one that torch.save wrote|is a pickle, but|not JSON", reader)


def test_other_files_are_named(tmp_path):
    path = tmp_path / "model.pt"
    for content, message in (
        (np.random.default_rng(1).bytes(5000), "not one that torch.save wrote"),
        (b"\x89HDF\r\n\x1a\n" + bytes(600), "has the HDF5 format"),
        (bytes(257) + b"ustar" + bytes(600), "has the tar format of PyTorch before 0.1.10"),
        (b"\x08\x00\x00\x00\x00\x00\x00\x00" + b'{"a": 1}', "has the safetensors format"),
    ):
        path.write_bytes(content)
        refused(path, message)
    refused(tmp_path / "nothing.pt", "there is no file 'nothing.pt'")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("letter.txt", b"Dear reader")
    refused(path, "is not one that torch.save wrote \\(it has no data.pkl\\)")


def test_the_format_is_told_by_the_content_whatever_the_name(tmp_path):
    for name in ("model.safetensors", "model.h5", "model"):
        torch.save(nn.LSTM(3, 4).state_dict(), tmp_path / name)
        assert read_pytorch(tmp_path / name).format == "state dict (.pt)"
    save_file(nn.LSTM(3, 4).state_dict(), tmp_path / "model.pt")
    assert read_safetensors(tmp_path / "model.pt").format == "safetensors (.safetensors)"


def test_archives_that_two_readers_see_differently_are_refused(tmp_path):
    path = tmp_path / "model.pt"
    torch.save(nn.LSTM(3, 4).state_dict(), path)
    whole = path.read_bytes()
    path.write_bytes(b"PK\x03\x04 before the archive" + whole)
    refused(path, "there are bytes before the first entry")


def test_a_compressed_archive_is_refused(tmp_path):
    path = tmp_path / "model.pt"
    torch.save(nn.LSTM(3, 4).state_dict(), path)
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    refused(path, "this archive is compressed, as torch.save never does")


def test_a_file_of_the_other_byte_order_is_refused(tmp_path):
    other = b"big" if sys.byteorder == "little" else b"little"
    refused(archive(tmp_path / "model.pt", pickled({}), byteorder=other), "a machine of the other byte order")


def test_every_limit_is_told_with_its_numbers(tmp_path, monkeypatch):
    path = tmp_path / "model.pt"

    def limited(module, **changes):
        with monkeypatch.context() as patch:
            patch.setattr(module, "LIMITS", replace(LIMITS, **changes))
            yield

    def check(module, message, reader=read_pytorch, **changes):
        for _ in limited(module, **changes):
            refused(path, message, reader)

    torch.save(nn.LSTM(3, 4, num_layers=2).state_dict(), path)
    check(layers, "this file has 2 recurrent layers; Gatescope opens up to 1", layers=1)
    check(state_dict, "this file has 8 tensors; Gatescope reads up to 7", tensors=7)
    check(state_dict, "this model has 304 parameters; Gatescope opens up to 300", parameters=300)
    check(chains, "LSTM has 304 parameters; Gatescope opens up to 300", parameters=300)
    check(archives, "this archive has 14 entries; Gatescope reads up to 7|entries; Gatescope reads up to 7", tensors=7)
    monkeypatch.setenv("GATESCOPE_MAX_UPLOAD_MB", "1")
    path.write_bytes(bytes(1_000_001))
    refused(path, "this file has 1 MB; Gatescope opens up to 1 MB")
    monkeypatch.delenv("GATESCOPE_MAX_UPLOAD_MB")
    save_file(nn.LSTM(3, 4).state_dict(), path)
    check(safetensors_file, "this file has 4 tensors; Gatescope reads up to 3", read_safetensors, tensors=3)
    torch.save({"weight_ih_l0": torch.zeros(8193, 1), "weight_hh_l0": torch.zeros(8193, 8193, dtype=torch.half)}, path)
    refused(path, "this model has 67,133,442 parameters; Gatescope opens up to 50,000,000")


def test_more_chains_than_fit_are_left_out_and_told(tmp_path, monkeypatch):
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm1, self.lstm2 = nn.LSTM(3, 4), nn.LSTM(4, 4)

    torch.save(Two().state_dict(), tmp_path / "model.pt")
    monkeypatch.setattr(chains, "LIMITS", replace(LIMITS, parameters=450))
    found = read_pytorch(tmp_path / "model.pt")
    assert [chain.name for chain in found.chains] == ["lstm1 → lstm2", "lstm1"]
    assert found.notes == ("lstm2 is not offered: with it there were more than 450 parameters.",)


MEASURE = """
import resource, sys
from pathlib import Path
from lstm_core.importers import UnreadableFile
from lstm_core.importers.sandbox_child import ResourceLimits, limit
from lstm_core.importers.pytorch.read import read_pytorch, read_safetensors
limit(ResourceLimits(seconds=600))  # what a child may take beside the libraries, which take more with more cores
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in map(Path, sys.argv[1:]):
    try:
        (read_safetensors if path.suffix == ".safetensors" else read_pytorch)(path)
    except UnreadableFile:
        pass
    else:
        sys.exit(f"{path} was opened")
    now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(path.name, now - before)
    before = now
"""


def test_hostile_files_take_no_memory(tmp_path):
    """Without care: 40 GB for a stride trick, 623 MB for a header, 3 GB for a directory of a zip."""
    paths = [safetensors(tmp_path / "header.safetensors", b"{" + b" " * 44_000_000)]
    for name, (value, _) in TRICKS.items():
        paths.append(archive(tmp_path / f"{name}.pt", pickled(value), {"0": NUMBERS}))
        paths.append(legacy(tmp_path / f"{name}.legacy.pt", value, {"0": NUMBERS}))
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a"
    count = 20_000_000 // len(entry)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, count * len(entry), 4, 0)
    paths.append(tmp_path / "directory.pt")
    paths[-1].write_bytes(b"PK\x03\x04" + entry * count + end)
    command = [sys.executable, "-c", MEASURE, *map(str, paths)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    grown = {line.rpartition(" ")[0]: int(line.rpartition(" ")[2]) for line in finished.stdout.splitlines()}
    assert len(grown) == len(paths)
    assert sum(grown.values()) < 20_000, grown  # kilobytes
