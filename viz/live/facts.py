"""What a browser is told once of models and of a page, by ids that say all that these facts depend on."""

from collections.abc import Callable, Sequence
from functools import partial

from lstm_core import ModelConfig
from viz.live.description import described
from viz.live.options import defaults
from viz.live.view import view_of
from viz.live.weights import asked
from viz.locale import language
from viz.shared.cached import describe, load_model
from viz.shared.controls import has_page
from viz.shared.shipped_lines import lines_are_read, shipped_lines

__all__ = ["dressing_id", "facts_of", "lines_facts", "lines_id", "model_id"]


def model_id(name: str) -> str:
    """The id of a model's facts."""
    return f"{name} {load_model(name).digest} {language()}"


def lines_id(name: str) -> str:
    """The id of what the units of a model do; empty for a model before training, of which nothing was measured."""
    return f"lines {load_model(name).digest} {language()}" if has_page(name) else ""


def lines_facts(name: str) -> dict[str, Callable[[], object]]:
    """A function that makes that, by its id. It is there once the cards were read or the browser has asked: no picture waits for them."""
    id_, digest = lines_id(name), load_model(name).digest
    if not id_ or not (lines_are_read(digest) or asked(id_)):
        return {}
    return {id_: partial(shipped_lines, name, digest, describe(name)[0])}


def dressing_id(page: str, config: ModelConfig) -> str:
    """The id of what `page` draws models of that layout with: colours, signals, sentences."""
    types = sorted({config.cell(layer).type for layer in config.layer_names})
    return f"{page} {'-'.join(types)} {language()}"


def facts_of(
    page: str, names: Sequence[str], messages: Sequence[str], more: dict[str, object] | None = None
) -> dict[str, Callable[[], object]]:
    """A function that makes each of the facts, by its id: of the models `names`, of one layout, and of `page` with its `messages`."""
    config = describe(names[0])[0]
    found: dict[str, Callable[[], object]] = {model_id(name): partial(_facts, name) for name in names}
    found[dressing_id(page, config)] = partial(_dressing, config, messages, more or {})
    return found


def _facts(name: str) -> dict[str, object]:
    return described(name, *describe(name), weights=load_model(name).digest)


def _dressing(config: ModelConfig, messages: Sequence[str], more: dict[str, object]) -> dict[str, object]:
    return view_of([], config, defaults(), messages) | more
