"""Records from files of any version: what is missing has its default, what is unknown is reported."""

from dataclasses import fields
from typing import Any, TypeVar

Own = TypeVar("Own")


def from_fields(kind: type[Own], given: object, name: str) -> Own:
    """The dataclass `kind` from the fields in a file; missing fields have their defaults.

    For what decides a result, where nothing may be passed over. Raises ValueError, one sentence in which the fields are
    called `name`, for fields that this version does not know, or that it needs and are missing.
    """
    if not isinstance(given, dict):
        raise ValueError(f"the {name} should be fields with names, not {str(given)[:60]!r}")
    own: dict[str, Any] = given
    unknown = sorted(set(own) - {one.name for one in fields(kind)})  # type: ignore[arg-type]  # a dataclass, for which typing has no bound
    if unknown:
        raise ValueError(f"the {name} has {', '.join(unknown)}, which this version of Gatescope does not know")
    try:
        return kind(**own)
    except TypeError as error:
        raise ValueError(f"the {name} is not what this version of Gatescope reads ({error})") from error
