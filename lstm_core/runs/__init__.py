"""Training runs, each a process with a folder of its own: started, watched, paused and kept from outside."""

from lstm_core.runs.curve import Curve, CurvePoint
from lstm_core.runs.folder import Folder, Status
from lstm_core.runs.pool import Pool, View, most_at_once
from lstm_core.runs.request import LARGEST_FILE, LAYERS, STEPS, UNITS, Request
from lstm_core.runs.retention import keep_model, kept_as
from lstm_core.runs.snapshot import Moment, load_moment, moment

__all__ = [
    "LARGEST_FILE",
    "LAYERS",
    "STEPS",
    "UNITS",
    "Curve",
    "CurvePoint",
    "Folder",
    "Moment",
    "Pool",
    "Request",
    "Status",
    "View",
    "keep_model",
    "kept_as",
    "load_moment",
    "moment",
    "most_at_once",
]
