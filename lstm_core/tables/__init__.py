"""Tables as people write them: one reader for all that takes columns of numbers."""

from lstm_core.tables.columns import Column
from lstm_core.tables.decoding import unicode_text, unix_lines
from lstm_core.tables.gaps import GAPS, WAYS, check_way, filled
from lstm_core.tables.limits import Limits
from lstm_core.tables.table import Table, read_table

__all__ = [
    "GAPS",
    "WAYS",
    "Column",
    "Limits",
    "Table",
    "check_way",
    "filled",
    "read_table",
    "unicode_text",
    "unix_lines",
]
