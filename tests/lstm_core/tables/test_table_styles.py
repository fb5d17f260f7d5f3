"""Whatever style a table is written in, the same numbers come back; and whatever bytes come, a table or a sentence."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_core.tables import read_table

QUICK = settings(max_examples=80, derandomize=True, deadline=None)


@dataclass(frozen=True)
class Style:
    separator: str
    mark: str
    thousands: str
    header: bool
    encoding: str
    trailing: bool
    comments: bool
    blank_lines: bool
    end: str

    def cell(self, value: float) -> str:
        """With two decimals, so that the decimal mark shows."""
        whole = f"{value:,.2f}".replace(".", "\0").replace(",", self.thousands).replace("\0", self.mark)
        return f'"{whole}"' if self.separator in whole else whole

    def write(self, rows: list[list[float]]) -> bytes:
        lines = [["alpha", "beta", "gamma"][: len(rows[0])]] if self.header else []
        lines += [[self.cell(value) for value in row] for row in rows]
        text = [self.separator.join(line) + (self.separator if self.trailing else "") for line in lines]
        if self.comments:
            text[0:0] = ["# made by a program", "#"]
        if self.blank_lines:
            text = [one for line in text for one in (line, "")]
        return (self.end.join(text) + self.end).encode(self.encoding)


@st.composite
def styles(draw: st.DrawFn) -> Style:
    mark = draw(st.sampled_from(".,"))
    return Style(
        separator=draw(st.sampled_from(",;\t|")),
        mark=mark,
        thousands=draw(st.sampled_from(["", "'", "\u202f", {".": ",", ",": "."}[mark]])),
        header=draw(st.booleans()),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])),
        trailing=draw(st.booleans()),
        comments=draw(st.booleans()),
        blank_lines=draw(st.booleans()),
        end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
    )


values = st.integers(-(10**8), 10**8).map(lambda cents: cents / 100)
rows = st.integers(2, 3).flatmap(
    lambda width: st.lists(st.lists(values, min_size=width, max_size=width), min_size=2, max_size=6)
)


@QUICK
@given(styles(), rows)
def test_a_table_in_any_style_has_the_same_numbers(style, wanted):
    table = read_table(style.write(wanted))
    found = np.column_stack([column.numbers for column in table.numeric])
    np.testing.assert_array_equal(found, np.array(wanted))
    assert table.named == style.header


CELLS = ["1", "2,5", "3.5", "1.234", "a", "", "-", "NA", "$5", "5%", "1e999", "1e5", "−", "１", "年", "year"]
DATES = [
    "2020-01-01",
    "31.12.2020",
    "13/13/2020",
    "1/2/03",
    "12:30",
    "25:99",
    "0000-00-00",
    "99999999",
    "20201340",
    "Jan 2020",
]
MARKS = ['"', '""', ",", ";", "\t", "|", " ", "\n", "\r\n", "#", "sep=;", "\0", "\ufeff", "\x85", "\u2028", "|---|"]
pieces = st.sampled_from([*CELLS, *DATES, *MARKS, "\n", ",", ";"])


@QUICK
@given(st.one_of(st.binary(max_size=60), st.lists(pieces, max_size=30).map("".join), st.text(max_size=60)))
def test_whatever_comes_is_a_table_or_one_sentence(content):
    try:
        table = read_table(content)
    except ValueError:
        return
    assert table.columns
    for column in table.columns:
        assert len(column.numbers) == len(table.lines) if column.is_numbers else column.problem
        assert not np.isinf(column.numbers).any()
    assert len(set(table.names)) == len(table.names)
