"""Limits on an uploaded model, and the error for a file that cannot be read."""

from dataclasses import dataclass

from lstm_core.environment import whole_number

VARIABLE = "GATESCOPE_MAX_UPLOAD_MB"


class UnreadableFile(ValueError):  # noqa: N818 (it is the file that is at fault, and the name says so)
    """A model file cannot be opened; the message is one sentence: what is wrong and what to do.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from lstm_core.importers import read_model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "empty.pt")
    ...     _ = path.write_bytes(b"")
    ...     try:
    ...         read_model(path)
    ...     except UnreadableFile as error:
    ...         print(error)
    this file is empty: save the model again and upload it whole
    """


@dataclass(frozen=True)
class Limits:
    """The largest model that is opened. Each is checked before memory is taken for what it limits.

    >>> Limits(units=16).units
    16
    """

    file: int = 200_000_000  # bytes
    tensors: int = 20_000
    parameters: int = 50_000_000  # of the layers that are opened, and of every tensor that is read
    units: int = 8_192  # of a layer
    layers: int = 64  # recurrent ones in a file
    vocabulary: int = 200_000  # entries
    metadata: int = 8_000_000  # bytes of JSON, of a graph's description, of a pickle


LIMITS = Limits()


def largest_file() -> int:
    """The largest file in bytes: GATESCOPE_MAX_UPLOAD_MB, or 200 MB. Raises ValueError for an invalid value.

    >>> largest_file() // 1_000_000  # megabytes
    200
    """
    return whole_number(VARIABLE, usual=LIMITS.file // 1_000_000, most=10_000, of="megabytes") * 1_000_000
