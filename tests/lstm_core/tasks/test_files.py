import pytest

from lstm_core.tasks import files, make_task
from lstm_core.tasks.files import read_text

NO_TEXT = {
    "empty": (b"", "dropped is empty: give a file with text in it"),
    "blank": (b" \n\t\n", "dropped is empty"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 400, r"not a text file \(it holds zero bytes\): give plain text"),
    "UTF-16": (("Grüße\n" * 400).encode("utf-16"), "not a text file"),
    "Latin-1": (("Grüße\n" * 400).encode("latin-1"), r"not UTF-8 text \(byte 2 is 0xFC\): save it as UTF-8 text"),
}


@pytest.mark.parametrize("name", ["text", "sentiment", "forecast"])
@pytest.mark.parametrize("kind", NO_TEXT)
def test_a_file_that_is_no_text_is_refused_in_a_sentence(tmp_path, name, kind):
    content, message = NO_TEXT[kind]
    path = tmp_path / "dropped"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        make_task(name, path)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LARGEST_FILE", 3_000_000)
    path = tmp_path / "large.txt"
    path.write_bytes(b"a" * 4_000_001)
    with pytest.raises(ValueError, match=r"large\.txt has 4 MB: give a text of at most 3 MB"):
        read_text(path)


def test_line_ends_and_marks_of_other_systems_are_left_out(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\n\xc3\xa9")
    assert read_text(path) == "one\ntwo\né"
