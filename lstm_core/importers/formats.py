"""Which framework wrote a file? Decided by its content, never by its name."""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from lstm_core.given import checked, described
from lstm_core.importers.archive import as_file, opened_archive
from lstm_core.importers.imported import ImportedModel
from lstm_core.importers.inert import is_pickle
from lstm_core.importers.limits import UnreadableFile, largest_file
from lstm_core.importers.npy import is_npz
from lstm_core.importers.protobuf_fields import fields_of
from lstm_core.importers.several import as_one
from lstm_core.importers.unsupported.archives import (
    has_checkpoint,
    has_exported_weights,
    is_stable_baselines,
    is_weights_with_settings,
    scalers_beside,
    unsupported_zip_reason,
)
from lstm_core.importers.unsupported.files import unsupported_reason
from lstm_core.importers.unsupported.protobuf import core_ml_reason

Importer = Callable[[Path], ImportedModel]

HEAD = 65_536  # bytes from the beginning that are looked at
TORCH_NUMBER = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # 0x1950a86a20f9469cfc6c, pickled
HDF5 = b"\x89HDF\r\n\x1a\n"
ONNX_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}  # number: wire type
ONNX_GRAPH = 7
TAR_MEMBERS = 20  # of an archive that are looked at
TABLE = (0xDB4775248B80FB57).to_bytes(8, "little")  # at the end of a table of TensorFlow


@checked
def read_model(path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], name: str = "") -> ImportedModel:
    """Read a file of another framework. `name` is the user's name for it, for error messages.

    A model in several files is given as a list of them, such as the .index and .data files of a TensorFlow checkpoint, or
    as the folder that they lie in. Nothing in the file is run. An untrusted file is better read by `read_sandboxed` of
    `sandbox.py`, in a process of its own with limits. Raises UnreadableFile: one sentence that says what the file is, or
    what is wrong with it.

    >>> import tempfile
    >>> from pathlib import Path
    >>> import torch
    >>> from lstm_core.importers import read_model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.pt")
    ...     torch.save(torch.nn.LSTM(3, 4).state_dict(), path)
    ...     found = read_model(path)
    >>> found.framework, found.chains[0].layouts[0].units
    ('PyTorch', 4)
    """
    if isinstance(path, bytes | bytearray):
        raise TypeError(
            f"read_model(path=...) wants a path, not {described(path)}: read_sandboxed takes what is in a file, too"
        )
    several = [path] if isinstance(path, str | os.PathLike) else list(path)
    if not several:
        raise UnreadableFile("no file was given: give the file of a model, or all files of one")
    try:
        with as_one([Path(one) for one in several]) as one:
            return _read(one, name)
    except OSError as error:
        raise UnreadableFile(f"this file could not be read ({error.strerror}): upload it again") from error


def _read(path: Path, name: str) -> ImportedModel:
    check_size(path.stat().st_size)
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise UnreadableFile("this file is empty: save the model again and upload it whole")
    importer = _importer(path, head)
    if importer is None:
        raise UnreadableFile(unsupported_reason(head, name))
    return importer(path)


def check_size(size: int) -> None:
    """Raises UnreadableFile for a file that is too large."""
    if size > largest_file():
        raise UnreadableFile(
            f"this file has {size / 1e6:,.0f} MB; Gatescope reads up to {largest_file() / 1e6:,.0f} MB: "
            "save the weights without the optimizer's state, or the recurrent layers alone"
        )


def _importer(path: Path, head: bytes) -> Importer | None:
    """The importer of a file; None if there is none."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _importer_of_zip(path)
    if TORCH_NUMBER in head[:64] or _is_torch_tar(path):
        return _pytorch
    if is_pickle(head):
        return _pickled
    if _is_hdf5(path):
        return _hdf5
    if head[8:9] == b"{" and not _is_text(head[:8]):
        return _safetensors
    fields = fields_of(path)
    # Only fields that a ModelProto has, of their types, and the graph among them: SavedModels begin like it.
    if fields and all(ONNX_FIELDS.get(number) == wire for number, wire in fields) and (ONNX_GRAPH, 2) in fields:
        return _onnx
    if _ends_as_table(path):
        return _table
    told = core_ml_reason(path, fields)
    if told:
        raise UnreadableFile(told)
    return None


def _importer_of_zip(path: Path) -> Importer:
    with opened_archive(path, stored=False) as archive:
        names = archive.namelist()
    if any(name == "data.pkl" or name.endswith("/data.pkl") for name in names):
        return _pytorch
    if has_exported_weights(names):
        return _exported
    if "config.json" in names and "model.weights.h5" in names:
        return _keras
    if is_weights_with_settings(names):
        return _hdf5
    if is_npz(names):
        return _npz
    if has_checkpoint(names):
        return _tensorflow
    if is_stable_baselines(names):
        return _stable_baselines
    if scalers_beside(names)[0]:
        return _with_scalers
    raise UnreadableFile(unsupported_zip_reason(names))


def _is_torch_tar(path: Path) -> bool:
    """Has a tar archive the four members that torch wrote before 0.1.10?"""
    found: set[bytes] = set()
    with path.open("rb") as file:
        for _ in range(TAR_MEMBERS):
            member = file.read(512)
            size = member[124:135].strip(b" \0")
            if member[257:262] != b"ustar" or not re.fullmatch(rb"[0-7]{1,11}", size):
                break
            found.add(member[:100].rstrip(b"\0").removeprefix(b"./"))
            file.seek(-(-int(size, 8) // 512) * 512, os.SEEK_CUR)
    return found >= {b"sys_info", b"pickle", b"tensors", b"storages"}


def _is_hdf5(path: Path) -> bool:
    """Is HDF5's signature at the beginning, or after a user block of 512 bytes times a power of two?"""
    with path.open("rb") as file:
        places = [0, *(512 << power for power in range(12))]
        for place in places:
            file.seek(place)
            if file.read(len(HDF5)) == HDF5:
                return True
    return False


def _ends_as_table(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - len(TABLE), 0))
        return file.read() == TABLE


def _is_text(start: bytes) -> bool:
    return all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start)


def _pytorch(path: Path) -> ImportedModel:
    from lstm_core.importers.pytorch.read import read_pytorch

    return read_pytorch(path)


def _pickled(path: Path) -> ImportedModel:
    from lstm_core.importers.pickled import read_pickled

    return read_pickled(path)


def _stable_baselines(path: Path) -> ImportedModel:
    from lstm_core.importers.stable_baselines import read_stable_baselines

    return read_stable_baselines(path)


def _with_scalers(path: Path) -> ImportedModel:
    """A model, and the scalers of its numbers in pickles beside it, in one archive."""
    from lstm_core.importers.pickled import with_pickled_scalers

    with opened_archive(path, stored=False) as archive:
        model, scalers = scalers_beside(archive.namelist())
        check_size(archive.getinfo(model).file_size)
        content = archive.read(model)
        with as_file(content) as alone:
            if _importer(alone, content[:HEAD]) is _with_scalers:  # and so on, perhaps, without end
                raise UnreadableFile(
                    f"{model[-80:]!r} in this archive is an archive of a model and its scalers again: unpack it and choose what is in it"
                )
            found = _read(alone, model)
        return with_pickled_scalers(found, {name: archive.read(name) for name in scalers})


def _exported(path: Path) -> ImportedModel:
    from lstm_core.importers.pytorch.read import read_exported

    return read_exported(path)


def _safetensors(path: Path) -> ImportedModel:
    from lstm_core.importers.pytorch.read import read_safetensors

    return read_safetensors(path)


def _hdf5(path: Path) -> ImportedModel:
    from lstm_core.importers.tensorflow.elmo import read_elmo

    found = read_elmo(path)
    return _keras(path) if found is None else found


def _keras(path: Path) -> ImportedModel:
    from lstm_core.importers.keras.read import read_keras

    return read_keras(path)


def _npz(path: Path) -> ImportedModel:
    from lstm_core.importers.npz import read_npz

    return read_npz(path)


def _onnx(path: Path) -> ImportedModel:
    from lstm_core.importers.onnx.read import read_onnx

    return read_onnx(path)


def _tensorflow(path: Path) -> ImportedModel:
    from lstm_core.importers.tensorflow.read import read_tensorflow

    return read_tensorflow(path)


def _table(path: Path) -> ImportedModel:
    from lstm_core.importers.tensorflow.read import read_table_alone

    return read_table_alone(path)
