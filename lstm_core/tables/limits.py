"""Limits on the size of a table, checked before it is parsed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    size: int = 50_000_000  # bytes
    rows: int = 1_000_000
    columns: int = 2_000
    cells: int = 5_000_000
    line: int = 1_000_000  # characters

    def check_size(self, size: int) -> None:
        """Raise ValueError for a table of `size` bytes that is too large."""
        if size > self.size:
            raise ValueError(
                f"this table has {size / 1e6:,.1f} MB; at most {self.size / 1e6:.0f} MB are read: take its beginning"
            )

    def check_line(self, number: int, line: str) -> None:
        if len(line) > self.line:
            raise ValueError(
                f"line {number} has {len(line):,} characters; at most {self.line:,} are read: one line is one step"
            )

    def check_row(self, number: int, rows: int, columns: int) -> None:
        """Raise ValueError if the row in line `number`, with `columns` cells and after `rows` others, exceeds a limit."""
        if columns > self.columns:
            raise ValueError(
                f"line {number} has {columns:,} columns; at most {self.columns:,} are read: leave out the others"
            )
        if rows > self.rows:
            raise ValueError(f"this table has more than {self.rows:,} lines: give at most as many steps")
        if rows * columns > self.cells:
            raise ValueError(
                f"this table has more than {self.cells:,} cells: leave out columns that are not needed, or take its beginning"
            )


LIMITS = Limits()
