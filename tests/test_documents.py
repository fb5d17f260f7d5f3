"""What the README and the pages of docs/ say holds: links lead somewhere, and the README's Python runs."""

import re
from pathlib import Path

import pytest
import torch

import lstm_core

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """The addresses of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text_of(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_and_headings_that_are_there(path):
    for link in LINK.findall(FENCED.sub("", text_of(path))):
        if re.match(r"https?:|mailto:", link):
            continue
        name, _, heading = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert not heading or heading in anchors(target), link


def test_the_readme_is_short_and_its_ten_lines_of_python_run(capsys, tmp_path, monkeypatch):
    assert len(text_of(README).splitlines()) <= 150
    monkeypatch.chdir(tmp_path)
    state = {
        "lstm.weight_ih_l0": torch.ones(16, 2),
        "lstm.weight_hh_l0": torch.ones(16, 4),
        "e.weight": torch.ones(2, 2),
    }
    torch.save({"state_dict": state, "stoi": {"a": 0, "b": 1}}, "mine.pt")
    zoo, own = re.findall(r"^```python\n(.*?)^```", text_of(README), re.MULTILINE | re.DOTALL)
    for lines, shape in ((zoo, "(23, 256)"), (own, "(4, 4)")):
        assert len(lines.splitlines()) <= 12
        exec(lines, {})  # noqa: S102 (the lines themselves)
        assert shape in capsys.readouterr().out


def test_the_readme_installs_the_torch_that_everything_is_pinned_to():
    [pinned] = re.findall(r"^torch==(\S+)$", text_of(ROOT / "constraints.txt"), re.MULTILINE)
    assert re.findall(r"torch==(\S+)", text_of(README)) == [pinned]


def test_the_version_is_the_same_wherever_it_stands():
    cited = re.findall(r"^(?:version|date-released): \"?([^\"\n]+)\"?$", text_of(ROOT / "CITATION.cff"), re.MULTILINE)
    newest = re.findall(r"^## \[(\d[^\]]*)\] - (\S+)$", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)[0]
    assert tuple(cited) == newest
    assert newest[0] == lstm_core.__version__
