"""Training runs: each is a process with a folder, and can be started, watched, paused and saved from outside."""

from lstm_core.runs.curve import Curve, CurvePoint
from lstm_core.runs.folder import Folder, Status
from lstm_core.runs.pool import Pool, View, most_at_once
from lstm_core.runs.request import LAYERS, MAX_FILE_BYTES, STEPS, UNITS, Request
from lstm_core.runs.retention import keep_model, saved_names
from lstm_core.runs.snapshot import Snapshot, last_snapshot, load_snapshot

__all__ = [
    "LAYERS",
    "MAX_FILE_BYTES",
    "STEPS",
    "UNITS",
    "Curve",
    "CurvePoint",
    "Folder",
    "Pool",
    "Request",
    "Snapshot",
    "Status",
    "View",
    "keep_model",
    "last_snapshot",
    "load_snapshot",
    "most_at_once",
    "saved_names",
]
