"""Agents of Stable-Baselines: a zip archive that holds a policy's weights as PyTorch, or NumPy, saved them."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

from lstm_core.importers.archive import as_file, opened_archive
from lstm_core.importers.imported import ImportedModel
from lstm_core.importers.limits import LIMITS, UnreadableFile, largest_file
from lstm_core.importers.pytorch.read import read_pytorch
from lstm_core.importers.pytorch.state_dict import NothingRecurrent
from lstm_core.importers.unsupported.archives import AGENT_2, POLICY

NOTE = "The weights are those in policy.pth; what else this archive of Stable-Baselines3 holds was not read."
ARRAYS_AGAIN = (
    "unpack 'parameters', which is an .npz, and save its LSTM under PyTorch's names with torch.save: weight_ih_l0 is wx "
    "transposed, weight_hh_l0 wh transposed, bias_ih_l0 b and bias_hh_l0 zeros, their four blocks i, f, o, g put in the order i, f, g, o"
)


def read_stable_baselines(path: Path) -> ImportedModel:
    """Read the recurrent layers of an agent's policy: RecurrentPPO of sb3-contrib has an LSTM. Raises UnreadableFile."""
    with opened_archive(path, stored=False) as archive:
        names = set(archive.namelist())
        if POLICY not in names:
            raise UnreadableFile(_without_policy(archive, names))
        if archive.getinfo(POLICY).file_size > largest_file():
            raise UnreadableFile(
                f"{POLICY} in this archive has {archive.getinfo(POLICY).file_size / 1e6:,.0f} MB; Gatescope reads up to "
                f"{largest_file() / 1e6:,.0f} MB: upload an agent with a smaller policy"
            )
        with as_file(archive.read(POLICY)) as inside:
            try:
                found = read_pytorch(inside)
            except NothingRecurrent as error:
                raise UnreadableFile(
                    f"this file is an agent of Stable-Baselines3, and its policy ({POLICY} in it) has no recurrent layer by "
                    "name: upload one that has, such as RecurrentPPO of sb3-contrib"
                ) from error
    return replace(
        found, format=f"{found.format} in an archive of Stable-Baselines3 (.zip)", notes=(NOTE, *found.notes)
    )


def _without_policy(archive: zipfile.ZipFile, names: set[str]) -> str:
    if not names >= AGENT_2:
        return f"this archive of Stable-Baselines3 has no {POLICY}, where the weights are: save the agent again with save()"
    told = "this file is an agent of Stable-Baselines 2, whose weights are NumPy arrays"
    listed = _listed(archive)
    if any(name.endswith("/gx:0") for name in listed):
        return f"{told}, and its LSTM normalises its layers, which Gatescope does not compute: upload an agent with a plain LSTM"
    if any(name.endswith("/wx:0") for name in listed):
        return f"{told}: {ARRAYS_AGAIN}"
    return f"{told}, and none of these is called wx, as its LSTM's are: upload an agent with an LSTM"


def _listed(archive: zipfile.ZipFile) -> list[str]:
    """The names of an agent's arrays, as it lists them."""
    if archive.getinfo("parameter_list").file_size > LIMITS.metadata:
        return []
    try:
        found = json.loads(archive.read("parameter_list"))
    except (ValueError, RecursionError):
        return []
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
