"""Other frameworks' files -> our layers, one framework a file."""

from lstm_core.importers.imported import Chain, Head, ImportedModel
from lstm_core.importers.limits import LIMITS, Limits, UnreadableFile, largest_file

__all__ = ["LIMITS", "Chain", "Head", "ImportedModel", "Limits", "UnreadableFile", "largest_file"]
