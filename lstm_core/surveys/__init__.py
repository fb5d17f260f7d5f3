"""Surveys: a text of the reader's own is recorded, and every unit measured over it, in a process of its own."""

from lstm_core.surveys.folder import Progress, SurveyFolder
from lstm_core.surveys.pool import MAX_FILE_BYTES, Surveys

__all__ = ["MAX_FILE_BYTES", "Progress", "SurveyFolder", "Surveys"]
