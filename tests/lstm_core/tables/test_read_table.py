"""Tables as people have them, each with the numbers that are in it, made by hand."""

import numpy as np
import pytest

from lstm_core.tables import Limits, Table, filled, read_table

NAN = float("nan")

TABLES: dict[str, tuple[str | bytes, dict[str, list[float]]]] = {
    "a separator after every row": ("temperature,humidity\n20,50,\n21,51,\n", {"temperature": [20, 21], "humidity": [50, 51]}),
    "and after the names": ("a,b,\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]}),
    "only after the names": ("a;b;\n1;2\n3;4\n", {"a": [1, 3], "b": [2, 4]}),
    "one column and a separator": ("a\n1,\n2,\n", {"a": [1, 2]}),
    "decimal commas": ("Datum;Wert\n01.01.2020;3,5\n02.01.2020;-4\n", {"Wert": [3.5, -4]}),
    "one column with decimal commas": ("Wert\n3,5\n4,25\n", {"Wert": [3.5, 4.25]}),
    "German thousands": ("a;b\n1.234,5;7\n12.345.678,25;8\n", {"a": [1234.5, 12345678.25], "b": [7, 8]}),
    "English thousands": ('a,b\n"1,234.5",7\n"12,345,678",8\n', {"a": [1234.5, 12345678], "b": [7, 8]}),
    "thousands by another column": ("a;b\n1.234;0,5\n2.345;0,25\n", {"a": [1234, 2345], "b": [0.5, 0.25]}),
    "French thousands": ("a\tb\n1 234,5\t7\n12\u202f345,25\t8\n", {"a": [1234.5, 12345.25], "b": [7, 8]}),
    "Swiss thousands": ("a;b\n1'234.5;7\n12’345.25;8\n", {"a": [1234.5, 12345.25], "b": [7, 8]}),
    "no thousands": ("a;b\n1.234;x\n12.5;y\n", {"a": [1.234, 12.5]}),
    "a leading zero": ("a;b\n0,123;x\n0,456;y\n", {"a": [0.123, 0.456]}),
    "currencies": ("price,b\n$5,1\n-$6.5,2\n$-7,3\n", {"price ($)": [5, -6.5, -7], "b": [1, 2, 3]}),
    "a currency behind": ("Preis;b\n5,50 €;1\n6 €;2\n", {"Preis (€)": [5.5, 6], "b": [1, 2]}),
    "per cent, named already": ("rain (%),b\n5%,1\n6.5 %,2\n", {"rain (%)": [5, 6.5], "b": [1, 2]}),
    "sep=": ("sep=;\na;b\n1,5;2\n", {"a": [1.5], "b": [2]}),
    "sep= against the looks": ("sep=|\na,b|c\n1,5|2\n", {"a,b": [1.5], "c": [2]}),
    "tabs": ("a\tb c\n1\t2\n3\t4\n", {"a": [1, 3], "b c": [2, 4]}),
    "bars": ("a|b\n1|2\n3|4\n", {"a": [1, 3], "b": [2, 4]}),
    "Markdown": ("| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | 4 |\n", {"a": [1, 3], "b": [2, 4]}),
    "blanks": ("  a   b\n  1   2\n 30  40\n", {"a": [1, 30], "b": [2, 40]}),
    "comments": ("# by me\n#\na,b\n1,2\n# a pause\n3,4\n", {"a": [1, 3], "b": [2, 4]}),
    "names in a comment": ("# day temp\n1 20\n2 21\n", {"day": [1, 2], "temp": [20, 21]}),
    "years as names": ("2010,2011\n1,2\n3,4\n", {"2010": [1, 3], "2011": [2, 4]}),
    "no names, years": ("2010,2011\n2012,2\n", {"column 1": [2010, 2012], "column 2": [2011, 2]}),
    "no names": ("20.5\n21\n22\n", {"column 1": [20.5, 21, 22]}),
    "no names, dates": ("2020-01-01,3\n2020-01-02,4\n", {"column 2": [3, 4]}),
    "no names, words": ("warm,3\ncold,4\n", {"column 2": [3, 4]}),
    "names twice and none": ("a,,a\n1,2,3\n4,5,6\n", {"a": [1, 4], "column 2": [2, 5], "a (2)": [3, 6]}),
    "quotes": ('"rain, ""mm""","wind"\n"1","2"\n', {'rain, "mm"': [1], "wind": [2]}),
    "a line end in quotes": ('"rain\n(mm)",wind\n1,2\n', {"rain\n(mm)": [1], "wind": [2]}),
    "gaps": (
        "a,b\n1,1\n,2\nNA,3\nn/a,4\nnull,5\n-,6\n?,7\n.,8\n#N/A,9\nNaN,10\n2,11\n",
        {"a": [1, *[NAN] * 9, 2], "b": list(range(1, 12))},
    ),
    "a gap in the first row": ("a,b\n,1\n2,3\n", {"a": [NAN, 2], "b": [1, 3]}),
    "minus signs": ("a,b\n−1,1\n–2,2\n-3,3\n", {"a": [-1, -2, -3], "b": [1, 2, 3]}),
    "full width": ("a;b\n１２．５;1\n", {"a": [12.5], "b": [1]}),
    "powers of ten": ("a;b\n1e3;1\n2,5E-3;2\n", {"a": [1000, 0.0025], "b": [1, 2]}),
    "old Mac line ends": ("a,b\r1,2\r3,4\r", {"a": [1, 3], "b": [2, 4]}),
    "UTF-16 of Excel": ("Datum\tWert (°C)\r\n01.01.2020\t1.234,5\r\n".encode("utf-16"), {"Wert (°C)": [1234.5]}),
    "UTF-16 without a mark": ("a,b\n1,2\n3,4\n".encode("utf-16-be"), {"a": [1, 3], "b": [2, 4]}),
    "UTF-8 with a mark": (b"\xef\xbb\xbfa,b\n1,2\n", {"a": [1], "b": [2]}),
    "Windows-1252": ("Höhe;b\n1,5;2\n".encode("cp1252"), {"Höhe": [1.5], "b": [2]}),
    "empty rows of Excel": ("a,b\n1,2\n,\n3,4\n,\n", {"a": [1, 3], "b": [2, 4]}),
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_has_the_numbers_that_are_written_in_it(kind):
    content, wanted = TABLES[kind]
    found = {column.name: column.numbers.tolist() for column in read_table(content).numeric}
    assert list(found) == list(wanted)
    for name, numbers in wanted.items():
        np.testing.assert_array_equal(found[name], np.array(numbers, dtype=np.float64), err_msg=name)


def days(table: Table) -> list[str]:
    assert table.dates is not None
    return [str(one)[:10] for one in table.dates]


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ("2020-01-31", "2020-02-01", ["2020-01-31", "2020-02-01"]),
        ("2020/1/31", "2020/2/1", ["2020-01-31", "2020-02-01"]),
        ("31.01.2020", "1.2.2020", ["2020-01-31", "2020-02-01"]),
        ("31/01/2020", "01/02/2020", ["2020-01-31", "2020-02-01"]),
        ("01/31/2020", "02/01/2020", ["2020-01-31", "2020-02-01"]),
        ("31.01.98", "01.02.98", ["1998-01-31", "1998-02-01"]),
        ("1749-01", "1749-02", ["1749-01-01", "1749-02-01"]),
        ("11/2020", "12/2020", ["2020-11-01", "2020-12-01"]),
        ("Nov 2020", "December 2020", ["2020-11-01", "2020-12-01"]),
        ("31-Jan-2020", "01-Feb-2020", ["2020-01-31", "2020-02-01"]),
        ("January 31, 2020", "February 1, 2020", ["2020-01-31", "2020-02-01"]),
        ("2020 Q1", "2020-Q2", ["2020-01-01", "2020-04-01"]),
        ("20200131", "20200201", ["2020-01-31", "2020-02-01"]),
        ("2020-01-31 23:30", "2020-02-01 00:00", ["2020-01-31", "2020-02-01"]),
        ("2020-01-31T23:30:00Z", "2020-02-01T00:00:00Z", ["2020-01-31", "2020-02-01"]),
        ("1/31/2020 11:30:00 PM", "2/1/2020 12:15:00 AM", ["2020-01-31", "2020-02-01"]),
    ],
)
def test_dates_are_read_and_the_newest_row_comes_last(first, second, wanted):
    rising, falling = (read_table(f"when;v\n{one};1\n{other};2\n") for one, other in ((first, second), (second, first)))
    assert days(rising) == days(falling) == wanted
    assert rising.column("v").numbers.tolist() == [1, 2]
    assert falling.column("v").numbers.tolist() == [2, 1]
    assert falling.lines.tolist() == [3, 2]
    assert "The rows are newest first; they were put in order of time, by 'when'." in falling.notes
    assert not [note for note in rising.notes if "order" in note]


@pytest.mark.parametrize(
    ("content", "numbers", "note"),
    [
        ("d,v\n2020-01-03,3\n2020-01-01,1\n2020-01-02,2", [1, 2, 3], "go back in line 3; the rows were put in order of time"),
        ("d,v\n2020-01-02,3\n2020-01-01,1\n2020-01-02,2", [3, 1, 2], "go back in line 3, and dates repeat: the rows were left"),
        ("d,v\n2020-01-03,3\n,1\n2020-01-01,2\n2020-01-02,4", [3, 1, 2, 4], "and some dates are missing: the rows were left"),
        ("d,v\n2020-01-01,3\n2020-01-01,1\n2020-01-02,2", [3, 1, 2], "1 date in 'd' repeats an earlier one (the first in line 3)"),
        ("d,t,v\n2020-01-01,12:00,3\n2020-01-01,11:00,1", [1, 3], "newest first"),
        ("year,v\n2001,1\n2000,2", [2, 1], "newest first; they were put in order of time, by 'year'"),
        ("Year,Month,v\n2000,1,1\n2000,2,2\n1999,12,3", [3, 1, 2], "go back in line 4; the rows were put in order"),
        ("n,v\n3,1\n2,2\n1,3", [1, 2, 3], "The numbers in 'n' go down from row to row"),
        ("d,v\n03/04/2020,1\n04/04/2020,2", [1, 2], "'03/04/2020' could be month/day or day/month; it was read as month/day"),
        ("3\n4", [3, 4], "The first line holds numbers and no names: the column is called column 1."),
        ("a,v\n1,2,\n1,3,", [2, 3], "Every row ends with a separator"),
        ("v\n1,5\n2", [1.5, 2], "Decimal commas were read."),
        ("x;v\na;1,234\nb;2,345", [1.234, 2.345], "whether '1,234' (line 2) is 1.234 or 1234; it was read as 1.234"),
        ("x\tv\na\t1,234\nb\t2,345", [1234, 2345], "whether '1,234' (line 2) is 1234 or 1.234; it was read as 1234"),
        ("v\n1.234\n2.345", [1.234, 2.345], "whether '1.234' (line 2) is 1.234 or 1234; it was read as 1.234"),
        ("v,v\n1,2\n3,4", [2, 4], "Two columns are named 'v'; the later one is called 'v (2)'."),
        ("v\n1\n\n2", [1, 2], "A blank line was skipped (the first is line 3)."),
        ("ü;v\n1;2\n3;4".encode("latin-1"), [2, 4], "The file is not UTF-8; it was read as Windows-1252"),
        ("# t v\n1 2\n3 4", [2, 4], "The columns are named by the comment in line 1."),
    ],
)  # fmt: skip
def test_what_was_assumed_is_said(content, numbers, note):
    table = read_table(content)
    assert table.numeric[-1].numbers.tolist() == numbers
    assert note in " ".join(table.notes)


def test_nothing_is_said_of_a_plain_table():
    assert read_table('"Month","Sunspots"\r\n"1749-01",58.0\r\n"1749-02",62.6\r\n').notes == ()


def test_a_line_is_called_by_its_number_in_the_file():
    table = read_table('# one\n\nv,"a\nb"\n# two\n1,2\n\n,3\n4,x\n')
    assert table.lines.tolist() == [6, 8, 9]
    assert table.first_gap(table.column("v")) == 8
    with pytest.raises(ValueError, match=r"holds 'x' in line 9, which is no number"):
        table.column("a\nb")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "there are no numbers"),
        ("\n \n# nothing\n", "there are no numbers"),
        ("a,b\n", "only one line of names"),
        ("a,b\n1,2\n3,4,5\n", "line 3 has 3 columns, but line 1 names 2"),
        ("# c\n\na,b,c\n1,2,3\n\n3,4\n", "line 6 has 2 columns, but line 3 names 3"),
        ("Datum,Wert\n01.01.2020,3,5\n02.01.2020,4,5\n", "line 2 has 3 columns.*decimal commas, separate the columns by semicolons"),
        ("1,2\n3,4\n5,6,7\n", "line 3 has 3 columns, but most have 2"),
        ('a,b\n1,2\n"3,4\n', "line 3 cannot be parsed"),
        ("a,b\n1,\0\n", "line 2 holds a zero byte"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "line 3 holds a zero byte"),
        ("a\n" + "1\n" * 30, "more than 20 lines"),
        ("1," * 30 + "1\n", "line 1 has 31 columns; at most 9"),
        ("1,2,3,4,5,6\n" * 18, "more than 100 cells"),
        ("a\n" + "1" * 3_000, "line 2 has 3,000 characters; at most 900"),
        ("1" * 5_000, "at most 0 MB"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_a_sentence(content, message):
    with pytest.raises(ValueError, match=message):
        read_table(content, Limits(size=4_000, rows=20, columns=9, cells=100, line=900))


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (["1", "warm", "3"], r"column 'v' holds 'warm' in line 3, which is no number.*1 in all"),
        (["1.5", "2,5"], r"mixes decimal points and decimal commas \('1.5' and '2,5'\)"),
        (["$1", "€2"], r"mixes \$ and €"),
        (["1%", "2"], "has % after some numbers and not after others"),
        (["1,23,4"], "holds '1,23,4' in line 2"),
        (["5²"], "holds '5²'"),
        (["1_000"], "holds '1_000'"),
        (["inf"], "holds 'inf'"),
        (["0x10"], "holds '0x10'"),
        (["", "-"], "is empty"),
        (["2020-01-01"], "holds dates"),
        (["12:30"], "holds times"),
    ],
)
def test_a_column_that_is_none_of_numbers_says_why(cells, problem):
    table = read_table("x;v\n" + "".join(f"a;{cell}\n" for cell in cells))
    assert not table.numeric
    with pytest.raises(ValueError, match=problem):
        table.column("v")


def test_the_three_ways_to_treat_gaps():
    numbers = np.array([NAN, 1, NAN, NAN, 7, NAN])
    last, line, dropped = (filled(numbers, way) for way in ("last", "interpolate", "drop"))
    assert last[0].tolist() == [1, 1, 1, 7, 7]
    assert last[1].tolist() == [False, True, True, True, True, True]
    assert line[0].tolist() == [1, 3, 5, 7]
    assert line[1].tolist() == [False, True, True, True, True, False]
    assert dropped[0].tolist() == [1, 7]
    both, complete = filled(np.array([[1, NAN], [2, 5], [NAN, 6]]), "last")
    assert both.tolist() == [[2, 5], [2, 6]]
    assert complete.tolist() == [False, True, True]
    assert len(filled(np.full(3, NAN), "last")[0]) == 0
