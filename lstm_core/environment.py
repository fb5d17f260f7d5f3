"""Settings from environment variables."""

import os


def whole_number(variable: str, *, usual: int, most: int, of: str = "") -> int:
    """The whole number from 1 to `most` in an environment variable, or `usual` if it is unset or empty.

    `of` says what is counted, for the sentence. Raises ValueError, one sentence, for anything else.
    """
    given = os.environ.get(variable, "").strip()
    if not given:
        return usual
    digits = given.isascii() and given.isdigit() and len(given) <= len(str(most))
    if not digits or not 1 <= int(given) <= most:
        wanted = f"a whole number{of and f' of {of}'} from 1 to {most:,}"
        raise ValueError(f"{variable} must be {wanted}, not {given[:40]!r}: set it and start again")
    return int(given)
