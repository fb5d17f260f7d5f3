import pytest

from lstm_core.environment import whole_number
from lstm_core.importers import largest_file
from lstm_core.runs import most_at_once


@pytest.mark.parametrize(("given", "number"), [(None, 7), ("", 7), ("  ", 7), ("1", 1), (" 12 ", 12), ("20", 20)])
def test_a_number_or_the_usual_one(monkeypatch, given, number):
    monkeypatch.delenv("SOME_LIMIT", raising=False)
    if given is not None:
        monkeypatch.setenv("SOME_LIMIT", given)
    assert whole_number("SOME_LIMIT", usual=7, most=20) == number


@pytest.mark.parametrize("given", ["0", "21", "-1", "1.5", "many", "٣", "9" * 5_000])
def test_anything_else_is_refused_in_one_sentence(monkeypatch, given):
    monkeypatch.setenv("SOME_LIMIT", given)
    with pytest.raises(
        ValueError, match=r"^SOME_LIMIT must be a whole number of files from 1 to 20, not '.{1,40}': "
    ) as raised:
        whole_number("SOME_LIMIT", usual=7, most=20, of="files")
    assert len(str(raised.value)) < 130


def test_a_blank_limit_is_none(monkeypatch):
    monkeypatch.setenv("GATESCOPE_MAX_UPLOAD_MB", "")
    monkeypatch.setenv("GATESCOPE_MAX_RUNS", " ")
    assert (largest_file(), most_at_once()) == (200_000_000, 2)
