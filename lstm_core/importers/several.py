"""A model in several files, put into one archive: a TensorFlow checkpoint, a SavedModel's folder, Keras weights with their JSON."""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from lstm_core.importers.limits import UnreadableFile
from lstm_core.importers.unsupported.archives import has_checkpoint, is_weights_with_settings, scalers_beside

MAX_FILES = 100  # chosen at one time, or in a folder
MAX_FOLDER_ENTRIES = 1_000  # that are looked at
SHOWN = 3  # names in a sentence
NEEDED = re.compile(r"\.(index|data-\d{5}-of-\d{5}|meta|pb)$|(^|/)checkpoint$")  # of the files in a folder

Content = bytes | Path


def named(paths: Sequence[Path]) -> dict[str, Path]:
    """The files at these paths by their names; those in a folder by their names within it.

    Links in a folder are left out, for they may lead anywhere. Raises UnreadableFile for what is no file or folder, and
    for two files of one name.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if path.is_dir():
            several = {name: one for name, one in _inside(path) if NEEDED.search(name)}
            if not has_checkpoint(several):
                raise UnreadableFile(
                    f"the folder {path.name!r} holds no TensorFlow checkpoint or SavedModel: choose the file of the model in it"
                )
        elif path.is_file():
            several = {path.name: path}
        else:
            raise UnreadableFile(f"{path.name} is not a file: choose the one file that holds the model")
        twice = next((name for name in several if name in found), None)
        if twice is not None:
            raise UnreadableFile(f"two of these files are called {twice[:80]!r}: choose the files of one model")
        found |= several
    return found


def check_together(names: Sequence[str]) -> None:
    """Raise UnreadableFile unless files of these names can be the parts of one model."""
    if len(names) > MAX_FILES:
        raise UnreadableFile(f"these are {len(names):,} files: choose the files of one model")
    if not has_checkpoint(names) and not is_weights_with_settings(names) and not scalers_beside(names)[0]:
        shown = ", ".join(repr(name[:60]) for name in names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
        raise UnreadableFile(
            f"these {len(names)} files ({shown}) are no parts of one model: choose one file at a time; together the .index "
            "and .data files of a TensorFlow checkpoint, Keras weights (.h5) and the JSON of their layers, or a model and the scaler of its numbers (.pkl)"
        )


def pack(files: Mapping[str, Content], target: Path) -> None:
    """Write the files, uncompressed, into one archive. Raises UnreadableFile unless they can be parts of one model."""
    check_together(list(files))
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            plain = name.replace("\\", "/").removeprefix("/")
            if ".." in PurePosixPath(plain).parts or not plain:
                raise UnreadableFile(f"the name {name[:80]!r} leads out of its folder: the file is not read")
            if isinstance(content, Path):
                archive.write(content, plain)
            else:
                archive.writestr(plain, content)


@contextmanager
def as_one(paths: Sequence[Path]) -> Iterator[Path]:
    """One file that stands for all of these: the only one itself, or an archive of several, deleted afterwards."""
    if len(paths) == 1 and not paths[0].is_dir():
        yield paths[0]
        return
    with TemporaryDirectory(prefix="gatescope-packing-") as folder:
        target = Path(folder, "model")
        pack(named(paths), target)
        yield target


def _inside(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files in a folder and the folders in it, by their names from there."""
    for number, path in enumerate(sorted(folder.rglob("*"))):
        if number >= MAX_FOLDER_ENTRIES:
            raise UnreadableFile(
                f"the folder {folder.name!r} holds more than {MAX_FOLDER_ENTRIES:,} files: choose the model's alone"
            )
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), path
