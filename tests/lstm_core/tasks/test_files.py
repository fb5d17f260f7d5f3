import pytest

from lstm_core.tasks import files, make_task
from lstm_core.tasks.files import read_text

NO_TEXT = {
    "empty": (b"", "is empty: give a (file with text in it|table)"),
    "blank": (b" \n\t\n", "is empty"),
    "binary": (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 400,
        r"holds (zero bytes\): give plain text|a zero byte: this is not text)",
    ),
    "Latin-1": (
        ("Grüße\n" * 400).encode("latin-1"),
        r"not UTF-8 text \(byte 2 is 0xFC\): save it as UTF-8 text|none of the columns holds only numbers \(Grüße\)",
    ),
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
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 3_000_000)
    path = tmp_path / "large.txt"
    path.write_bytes(b"a" * 4_000_001)
    with pytest.raises(ValueError, match=r"large\.txt has 4 MB: give a text of at most 3 MB"):
        read_text(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_texts_are_read_in_every_unicode_encoding(tmp_path, encoding):
    text = "“Well,” said the cat.\nIt was 7 °C, and the night was long.\n" * 8
    path = tmp_path / "notepad.txt"
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert read_text(path) == text


def test_sentences_of_excel_are_read(tmp_path):
    rows = [f"the film is good number {k}\t1" for k in range(15)] + [
        f"the film is bad number {k}\t0" for k in range(15)
    ]
    path = tmp_path / "sentences.txt"
    path.write_bytes("\r\n".join(rows).encode("utf-16"))
    task = make_task("sentiment", path)
    assert len(task.train) + len(task.dev) + len(task.held_out) == 30
    assert set(task.readout.labels) == {"negative", "positive"}


def test_line_ends_and_marks_of_other_systems_are_left_out(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\n\xc3\xa9")
    assert read_text(path) == "one\ntwo\né"
