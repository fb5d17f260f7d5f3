"""Files, folders and tables become documents, or one sentence of why not."""

from pathlib import Path

import pytest

from lstm_core.corpus.sources import documents_of
from tests.support import odd_models


def labels(name: str, source: object) -> list[str]:
    return [" ".join(one.labels) for one in documents_of(odd_models.model(name), source)]


def test_a_file_is_a_document_and_a_folder_one_for_each_file_in_order(tmp_path):
    (tmp_path / "b.txt").write_text("ST", encoding="utf-8")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "z.txt").write_text("Sab", encoding="utf-8")
    (tmp_path / ".hidden").write_text("T", encoding="utf-8")
    assert labels("grammar", tmp_path / "b.txt") == ["S T"]
    assert labels("grammar", str(tmp_path)) == ["S a b", "S T"]
    assert labels("grammar", ["ab", "T"]) == ["a b", "T"]


def test_of_a_table_a_model_of_texts_reads_each_line_and_one_of_numbers_its_columns(tmp_path):
    table = tmp_path / "reviews.tsv"
    table.write_text("sentence\tlabel\na wonderful film\t1\n\t0\ntoo long\t0\n", encoding="utf-8")
    assert labels("opinions", table) == ["a wonderful film", "too long"]
    numbers = tmp_path / "two.csv"
    numbers.write_text("marker,value\n0,0.5\n1,0.25\n", encoding="utf-8")
    [read] = documents_of(odd_models.model("sum"), numbers)
    assert read == odd_models.MARKED.encode("0.5:0 0.25:1")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("x.csv", "a,b\n1,2\n", r"x.csv has no column called text or sentence \(it has a, b\)"),
        ("x.txt", "SaX", r"x.txt: .*X"),
        ("x.txt", "", r"x.txt"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, name, content, sentence):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        labels("grammar", tmp_path / name)


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(ValueError, match="does not exist: give a file or a folder of files, or a list of texts"):
        labels("grammar", Path(tmp_path, "nowhere"))
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    with pytest.raises(ValueError, match="latin is no text in UTF-8: save it as UTF-8 text"):
        labels("grammar", tmp_path)
    (tmp_path / "latin").unlink()
    with pytest.raises(ValueError, match="there is no file in the folder"):
        labels("grammar", tmp_path)
    numbers = tmp_path / "x.csv"
    numbers.write_text("value,marker\n0.1,\n0.3,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x.csv, line 2: there is no number for marker"):
        labels("sum", numbers)
    numbers.write_text("only\n0.1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x.csv: this model reads value, marker, and the columns of numbers are only"):
        labels("sum", numbers)
