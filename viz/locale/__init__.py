"""Every sentence that a reader sees, in the reader's language: GNU gettext, with English as the source.

A sentence stands in the code in English, marked where it is used: `_("Choose a signal.")`. Its values have names, so that
a translator can move them: `_("Unit {unit}, step by step").format(unit=3)`. A constant of a module is made before anybody
has a language: it is marked with `N_("Explore")` and looked up with `_` where it is shown. `make messages` collects them all.
"""

import gettext
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

DOMAIN = "gatescope"
SOURCE = "en"  # the language of the sentences in the code

_language: list[Callable[[], str]] = [lambda: SOURCE]


def follow(language: Callable[[], str]) -> Callable[[], str]:
    """Let `language` say, at every look-up, which language the reader wants, such as "en" or "zh". Returns the one before."""
    before = _language[0]
    _language[0] = language
    return before


def language() -> str:
    """The language that the reader wants, such as "en" or "zh"."""
    return _language[0]()


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The translations into a language, from `<language>/LC_MESSAGES/gatescope.mo`; the sentences themselves without one."""
    return gettext.translation(DOMAIN, Path(__file__).parent, [language], fallback=True)


def _(message: str) -> str:
    """The sentence in the reader's language. Of "" it is "", not the catalogue's own header."""
    return catalogue(_language[0]()).gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The sentence for one or for many of something, by the rules of the reader's language."""
    return catalogue(_language[0]()).ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802 (gettext's own name, which its tools know)
    """Marks a constant for the catalogue; look it up with `_` where it is shown."""
    return message


class Deferred(str):
    """A sentence for a place that takes text once, before there is a reader, and shows str(text) later: a cache's spinner."""

    __slots__ = ()

    def __str__(self) -> str:
        return _(super().__str__())


def translated(messages: Iterable[str]) -> dict[str, str]:
    """The translations that a component in the browser needs: only sentences that differ from the source."""
    return {message: there for message in messages if (there := _(message)) != message}
