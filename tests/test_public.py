"""What is public: every name of `__all__` is there and documented, with an example that the suite runs."""

import inspect
from doctest import DocTestFinder
from importlib import import_module

import pytest

MODULES = (
    "lstm_core",
    "lstm_core.analysis",
    "lstm_core.importers",
    "lstm_core.tasks",
    "lstm_core.training",
    "pretrained",
)
NAMES = [(module, name) for module in MODULES for name in import_module(module).__all__]
CALLED = [
    (module, name)
    for module, name in NAMES
    if inspect.isfunction(one := getattr(import_module(module), name)) or inspect.isclass(one)
]


@pytest.mark.parametrize("module", MODULES)
def test_all_says_everything_that_is_public_and_each_once(module):
    found = import_module(module)
    assert len(set(found.__all__)) == len(found.__all__)
    own = {
        name
        for name, one in vars(found).items()
        if not name.startswith("_")
        and (inspect.isfunction(one) or inspect.isclass(one))
        and one.__module__.startswith(module)
    }
    assert own <= set(found.__all__)


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_every_public_name_is_there(module, name):
    assert getattr(import_module(module), name) is not None


@pytest.mark.parametrize(("module", "name"), CALLED)
def test_everything_public_has_a_docstring_with_an_example_that_the_suite_runs(module, name):
    one = getattr(import_module(module), name)
    assert one.__doc__
    assert not one.__doc__.startswith(f"{name}("), "a dataclass's own list of fields is no docstring"
    home = import_module(one.__module__)
    assert one.__module__.partition(".")[0] in ("lstm_core", "pretrained")
    examples = {test.name: test.examples for test in DocTestFinder().find(home, home.__name__)}
    assert examples[f"{home.__name__}.{inspect.unwrap(one).__name__}"]
