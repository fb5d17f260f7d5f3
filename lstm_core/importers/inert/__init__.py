"""Pickles as inert records: read, and never run."""

from lstm_core.importers.inert.arrays import array_in
from lstm_core.importers.inert.following import follow
from lstm_core.importers.inert.machine import HOW
from lstm_core.importers.inert.records import PERSISTENT, SET, Followed, Global, Record, shown
from lstm_core.importers.inert.start import ZLIB, is_pickle

__all__ = [
    "HOW",
    "PERSISTENT",
    "SET",
    "ZLIB",
    "Followed",
    "Global",
    "Record",
    "array_in",
    "follow",
    "is_pickle",
    "shown",
]
