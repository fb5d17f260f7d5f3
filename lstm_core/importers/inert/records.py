"""What stands in the place of the objects that a pickle describes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

PERSISTENT = "a reference"  # the name of a record of what lies elsewhere in the file
SET = "builtins set"


@dataclass(frozen=True)
class Global:
    """What a pickle imports by name, and we do not."""

    name: str  # "module name"


class Record(Mapping[Any, Any]):
    """An object that a pickle describes. As a mapping it has the object's attributes, and the entries of a dictionary."""

    __slots__ = ("arguments", "listed", "name", "pairs", "state")

    def __init__(self, name: str, arguments: tuple[Any, ...] = ()) -> None:
        self.name = name  # "module name" of its class, or of the function that was to make it
        self.arguments = arguments
        self.listed: list[Any] = arguments[0] if name == SET and _is_list(arguments) else []  # what is in it, in order
        self.pairs: dict[Any, Any] = {}
        self.state: Any = None

    @property
    def class_name(self) -> str:
        """What its class is called, without its module."""
        return self.name.rpartition(" ")[2].rpartition(".")[2]

    def __getitem__(self, key: Any) -> Any:
        for part in self._parts():
            if key in part:
                return part[key]
        raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(dict.fromkeys(key for part in self._parts() for key in part))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def most(self) -> int:
        """How many attributes and entries has it at most? Told without looking at each, unlike its length."""
        return sum(map(len, self._parts()))

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def _parts(self) -> list[dict[Any, Any]]:
        match self.state:
            case dict() as state:
                return [state, self.pairs]
            case (state, dict() as slots):
                return [slots, *([state] if isinstance(state, dict) else []), self.pairs]
        return [self.pairs]


@dataclass
class Followed:
    """What a pickle would create."""

    made: Any = None  # numbers, texts, bytes, tuples, lists, dictionaries, and records of all else
    references: list[tuple[Any, ...]] = field(default_factory=list)  # to what lies elsewhere in the file
    names: dict[str, None] = field(default_factory=dict)  # of what it imports, in the order of the file
    steps: int = 0  # that it has


def _is_list(arguments: tuple[Any, ...]) -> bool:
    return len(arguments) == 1 and isinstance(arguments[0], list)


def shown(name: str) -> str:
    """What a pickle imports, as it is written in Python."""
    return name.replace(" ", ".")[:80]
