"""What is sent to a component once, and how its files are put together."""

import numpy as np
import pytest

from viz.browser import component
from viz.browser.component import Sent
from viz.browser.modules import javascript, modules, script
from viz.browser.parts import Part, message


@pytest.fixture
def visit(monkeypatch):
    """The session state of a visit."""
    state: dict[str, object] = {}
    monkeypatch.setattr(component.st, "session_state", state)
    return state


def test_a_message_has_facts_with_shapes_and_a_table_for_each_array():
    levels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    sent = message({"title": "one"}, {"a": Part({"kind": "next"}, {"levels": levels}), "b": Part()})
    assert list(sent) == ["header", "facts", "a/levels"]
    assert sent["header"] == {"title": "one"}
    assert sent["facts"] == {"a": {"kind": "next", "shapes": {"levels": [2, 3]}}, "b": {"shapes": {}}}
    column = sent["a/levels"]["value"]
    assert column.dtype == np.uint8
    assert column.tolist() == [0, 1, 2, 3, 4, 5]


def test_a_part_is_made_once_until_the_browser_lacks_it(visit):
    made = []

    def parts(*ids):
        return {id_: lambda id_=id_: made.append(id_) or Part() for id_ in ids}

    assert list(Sent("film").new(parts("a", "b"))) == ["a", "b"]
    assert list(Sent("film").new(parts("b", "c"))) == ["c"]
    assert list(Sent("other").new(parts("b"))) == ["b"]
    visit["film"] = {"missing": ["b", "never sent"]}
    Sent("film").missing()
    assert list(Sent("film").new(parts("a", "b", "c"))) == ["b"]
    assert made == ["a", "b", "c", "b", "b"]


@pytest.mark.usefixtures("visit")
def test_what_is_not_shown_again_is_forgotten():
    Sent("film").new({"a": Part, "b": Part})
    Sent("film").only(["b"])
    assert list(Sent("film").new({"a": Part, "b": Part})) == ["a"]


def test_a_reader_who_has_left_tells_nothing(visit):
    assert Sent("film").told("rested") is None
    Sent("film").missing()
    visit["film"] = {"rested": {"step": 3}}
    assert Sent("film").told("rested") == {"step": 3}


def test_two_modules_of_one_name_are_refused(tmp_path):
    for folder in ("page", "shared"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "axes.js").write_text("export const one = 1;")
    (tmp_path / "page" / "two.js").write_text('import { one } from "../shared/axes.js";')
    entry = tmp_path / "page" / "entry.js"
    entry.write_text('import { one } from "./axes.js";\nimport "./nothing";\nimport {\n  two,\n} from "./two.js";\n')
    with pytest.raises(ValueError, match=r"two modules have the name axes: .*page/axes\.js and .*shared/axes\.js"):
        modules("entry", tmp_path / "page")


def test_a_module_that_imports_none_is_sent_as_it_is(tmp_path):
    (tmp_path / "alone.js").write_text("export default () => {};")
    assert javascript("alone", tmp_path) == "export default () => {};"


def test_what_cannot_be_part_of_one_script_is_refused(tmp_path):
    (tmp_path / "whole.js").write_text("export default class {}\n")
    assert script("whole", tmp_path).startswith("const $whole = (() => {\nconst $default = class {}\n")
    assert script("whole", tmp_path, exports=True).endswith("\nexport\ndefault $whole.default;\n")
    for line in (
        'import * as all from "./whole.js";',
        'import whole from "./whole.js";',
        "export { one };",
        "export let x;",
    ):
        (tmp_path / "entry.js").write_text(f"const one = 1;\n{line}\n")
        with pytest.raises(ValueError, match=r"the module entry has a line that cannot be part of one script: "):
            script("entry", tmp_path)
