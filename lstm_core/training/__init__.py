"""Training: train(model, task, settings) yields Progress; `python -m lstm_core.training TASK` on the command line."""

from lstm_core.settings import OPTIMIZERS, SCHEDULES, Settings
from lstm_core.training.cell_variants import of_cells
from lstm_core.training.finish import finish
from lstm_core.training.initial import (
    Initial,
    chrono_gates,
    expect_only,
    initial_model,
    open_forget_gates,
    untrained_draws,
)
from lstm_core.training.loop import RESUME, Progress, probe, train

__all__ = [
    "OPTIMIZERS",
    "RESUME",
    "SCHEDULES",
    "Initial",
    "Progress",
    "Settings",
    "chrono_gates",
    "expect_only",
    "finish",
    "initial_model",
    "of_cells",
    "open_forget_gates",
    "probe",
    "train",
    "untrained_draws",
]
