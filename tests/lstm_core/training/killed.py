"""Kills trainings with SIGKILL in the middle of their saves, and checks what is left; a program of its own, for it forks."""

import os
import signal
import sys
from pathlib import Path

import torch

from lstm_core import model_files, saving, training_checkpoints
from lstm_core.model import weights_digest
from lstm_core.training import RESUME, train
from tests.lstm_core.training.runs import EVERYTHING, TEXT, fresh, trained


def dead_at(moment: str, save: int) -> None:
    """Let this process be killed at that moment of its `save`-th save."""
    left = [save]
    write, replace = saving.save_file, Path.replace

    def counted() -> bool:
        left[0] -= 1
        return left[0] == 0

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def writes(tensors, path, metadata=None):
        write(tensors, path, metadata=metadata)
        if moment == "writing" and counted():
            os.truncate(path, path.stat().st_size // 2)
            die()

    def replaces(path, target):
        if moment == "before it is there" and counted():
            die()
        replace(path, target)
        if moment == "just after" and counted():
            die()

    saving.save_file, Path.replace = writes, replaces


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    whole, _ = trained(TEXT, EVERYTHING)
    kills, reached = 0, 0
    for save in (1, 2, 4):
        for moment in ("writing", "before it is there", "just after"):
            child = os.fork()
            if not child:
                dead_at(moment, save)
                model = fresh(TEXT, EVERYTHING)
                for _ in train(model, TEXT, EVERYTHING, folder=folder, save_every=1):
                    pass
                os._exit(1)
            _, status = os.waitpid(child, 0)
            kills += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            for checkpoint in training_checkpoints.checkpoints(folder):
                training_checkpoints.load_checkpoint(checkpoint, whole.config)
            if (folder / RESUME).is_file():
                _, described = model_files.read_tensors(folder / RESUME)
                assert int(described["step"]) >= reached, "steps were lost that had been saved"
                reached = int(described["step"])
    model, rest = trained(TEXT, EVERYTHING, folder)
    assert 0 < reached < EVERYTHING.steps, reached
    assert [now.step for now in rest] == list(range(reached + 1, EVERYTHING.steps + 1))
    assert weights_digest(model) == weights_digest(whole), "the run went on to other weights"
    sys.stdout.write(f"killed {kills} times\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
