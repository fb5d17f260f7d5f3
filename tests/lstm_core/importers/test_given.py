"""Vocabularies and numbers that a reader supplies."""

import json

import numpy as np
import pytest

from lstm_core.importers import LIMITS, read_numbers, read_vocabulary
from lstm_core.importers.numbers import MAX_BYTES, MAX_LINE_CHARS, MAX_ROWS


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("a\nb\nc", ("a", "b", "c")),
        ("a\nb\nc\n", ("a", "b", "c")),
        ("the\r\ncat", ("the", "cat")),
        ("\\n\n\\t\n\\s\n\\\\\nx", ("\n", "\t", " ", "\\", "x")),
        ("abc !", ("a", "b", "c", " ", "!")),
        (r"\n !n\\", ("\n", " ", "!", "n", "\\")),
        ('["a", "<b>", ""]', ("a", "<b>", "")),
        ('{"a": 0, "b": 2}', ("a", "", "b")),
        ('{"0": "x", "1": "y"}', ("x", "y")),
        ('{\n  "x": 1,\n  "y": 0\n}', ("y", "x")),
        ("[\n]\n{", ("[", "]", "{")),
        ('{"word2idx": {"a": 1, "b": 0}, "idx2word": ["b", "a"]}', ("b", "a")),
        ('{"model": {"type": "BPE", "vocab": {"x": 0, "y": 1}}}', ("x", "y")),
        ('{"class_name": "Tokenizer", "config": {"word_index": "{\\"the\\": 1, \\"cat\\": 2}"}}', ("", "the", "cat")),
        ('[["a", 1], ["b", 0]]', ("b", "a")),
        ('{"vocab": 0, "the": 1}', ("vocab", "the")),
    ],
)
def test_vocabularies_in_every_form(text, entries):
    assert read_vocabulary(text) == entries


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" \n ", "is empty"),
        ('["a", 3]', "a list of texts"),
        ("the cat", "one line lists the characters of a vocabulary, and this one has 't' more than once"),
        ('{"a": -1}', "from 0 upwards"),
        ('{"a": 0, "b": 0}', "two entries of class 0"),
        ('{"a": 99999999999}', "at most 200,000"),
        ('["a", "b"', "begins like JSON"),
        ("[" * 100_000, "begins like JSON"),
        ('{"a": ' + "9" * 5_000 + "}", "begins like JSON"),
        (json.dumps(["x"] * (LIMITS.vocabulary + 1)), "200,001 entries"),
        ("x" * (LIMITS.metadata + 1), "at most 8,000,000"),
    ],
)
def test_what_is_no_vocabulary_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        read_vocabulary(text)


@pytest.mark.parametrize(
    ("text", "names", "rows"),
    [
        ("1,2\n3,4", (), [[1, 2], [3, 4]]),
        ("rain (mm);wind\n1;2e1\n\n-3;.5\n", ("rain (mm)", "wind"), [[1, 20], [-3, 0.5]]),
        (b"\xef\xbb\xbfa\tb\r\n1\t2\r\n", ("a", "b"), [[1, 2]]),
        ("1 2\n3   4", (), [[1, 2], [3, 4]]),
        ('"a, b",c\n"1",2', ("a, b", "c"), [[1, 2]]),
        ("Datum;Regen;Wind\n02.01.2020;3,5;1.000\n01.01.2020;-;2.000\n", ("Regen", "Wind"), [[3.5, 1000]]),
        ("rain ($)\train (%)\n$1\t5 %\n$2\t\n", ("rain ($)", "rain (%)"), [[1, 5], [2, 5]]),
        ("year,rain\n2001,1\n2000,2", ("year", "rain"), [[2000, 2], [2001, 1]]),
    ],
)
def test_tables_in_every_form(text, names, rows):
    found = read_numbers(text, 2)
    assert found.names == names
    np.testing.assert_array_equal(found.rows, rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "there are no numbers"),
        ("a,b\n", "there are no numbers"),
        ("1,2\n3,4\n5", "line 3 has 1 column,"),
        ("1,2\n3,x", "holds 'x' in line 2"),
        ("1,2\n3,1e999", "holds '1e999' in line 2"),
        ("a,b,c\n1,2", "line 2 has 2 columns, but line 1 names 3"),
        ("a,b,c\n1,2,3", "the table has 3 columns of numbers, but this model reads 2 numbers a step"),
        ("1,2\n3,\0", "line 2 holds a zero byte"),
        (b"1,2\n3,\xff", "holds 'ÿ' in line 2"),
        ("1," * 1_000_000 + "1", "at most 100,000"),
        ("1,2\n" * (MAX_ROWS + 2), "more than 20,000 lines"),
        (b"1" * (MAX_BYTES + 1), "at most 5 MB"),
        (",".join(["1"] * (MAX_LINE_CHARS // 4)), "25,000 columns; at most 2,000"),
        ("1," + "9" * (MAX_LINE_CHARS - 2), "which is no number"),
    ],
)
def test_what_is_no_table_is_refused_with_the_line(content, message):
    with pytest.raises(ValueError, match=message):
        read_numbers(content, 2)
