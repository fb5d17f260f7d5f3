"""How large may an uploaded model be, and the one error of a file that cannot be read."""

from dataclasses import dataclass

from lstm_core.environment import whole_number

VARIABLE = "GATESCOPE_MAX_UPLOAD_MB"


class UnreadableFile(ValueError):  # noqa: N818 (it is the file that is at fault, and the name says so)
    """A model file cannot be opened; the message is one sentence of what is wrong with it and what to do."""


@dataclass(frozen=True)
class Limits:
    """The largest model that is opened. Each is checked before memory is taken for what it limits."""

    file: int = 200_000_000  # bytes
    tensors: int = 20_000
    parameters: int = 50_000_000  # of the layers that are opened, and of every tensor that is read
    units: int = 8_192  # of a layer
    layers: int = 64  # recurrent ones in a file
    vocabulary: int = 200_000  # entries
    metadata: int = 8_000_000  # bytes of JSON, of a graph's description, of a pickle


LIMITS = Limits()


def largest_file() -> int:
    """How many bytes may a file have? GATESCOPE_MAX_UPLOAD_MB, or 200. Raises ValueError for nonsense."""
    return whole_number(VARIABLE, usual=LIMITS.file // 1_000_000, most=10_000, of="megabytes") * 1_000_000
