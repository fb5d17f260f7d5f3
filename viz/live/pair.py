"""A model and itself before training: what a page or a notebook is made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pretrained
from lstm_core import SequenceModel
from lstm_core.model_files import saved_digest, weights_as_bytes
from viz.live.description import described
from viz.live.limit import fits, limit, megabytes
from viz.live.options import LiveOptions, chosen
from viz.live.view import view_of
from viz.locale import _
from viz.shared.examples import examples_for
from viz.shared.model_facts import UNTRAINED
from viz.shared.shipped_lines import shipped_lines

__all__ = ["Pair", "TooLargeError", "pair_of"]


class TooLargeError(ValueError):
    """A model's weights are more than a browser gets; the message says how many, and how to allow more."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A model under its name and, where there is one, itself before training. Raises TooLargeError."""

    name: str
    model: SequenceModel
    untrained: SequenceModel | None = None

    def __post_init__(self) -> None:
        if not fits(self.model):
            raise TooLargeError(
                _(
                    "{model} has {size} MB of weights, but a page holds at most {limit} MB. To allow more, set "
                    "GATESCOPE_LIVE_MEGABYTES"
                ).format(model=self.name, size=f"{megabytes(self.model):.1f}", limit=f"{limit():g}")
            )

    def view(self, options: LiveOptions, messages: Iterable[str]) -> dict[str, Any]:
        """What a host gives its view, as JSON: `view_of`."""
        facts = [
            described(name, self.model.config, self.model.card, weights=model.digest)
            for name, model in self._by_name.items()
        ]
        lines = shipped_lines(self.name, self.model.digest, self.model.config)
        return view_of(facts, self.model.config, options, messages) | {"lines": lines}

    def weights(self) -> dict[str, bytes]:
        """The weights of both by content id: a safetensors file each."""
        return {model.digest: weights_as_bytes(model) for model in self._by_name.values()}

    def options(self, text: str | None = None, **options: Any) -> LiveOptions:
        """What a view shows: this text, or else the model's first example, and what else is chosen. Raises ValueError."""
        if text is None:
            text = next(iter(examples_for(self.model.config, self.model.card).values()), "")
        return chosen(text, **options)

    @property
    def _by_name(self) -> dict[str, SequenceModel]:
        before = {} if self.untrained is None else {self.name + UNTRAINED: self.untrained}
        return {self.name: self.model} | before


def pair_of(model: SequenceModel | str) -> Pair:
    """A model of that name with its untrained one; a model that is given has one if it is one of those with a name.

    Raises KeyError, naming the models there are, and TooLargeError.
    """
    if isinstance(model, SequenceModel):
        name = model.card.name
        known = name in pretrained.names() and saved_digest(pretrained.folder_of(name)) == model.digest
        return Pair(name or _("my model"), model, _before(name) if known else None)
    return Pair(model, pretrained.load(model, device="cpu"), _before(model))


def _before(name: str) -> SequenceModel | None:
    try:
        return pretrained.untrained(name, device="cpu")
    except (ValueError, RuntimeError):  # its card does not tell what it was, or it cannot be rebuilt here
        return None
