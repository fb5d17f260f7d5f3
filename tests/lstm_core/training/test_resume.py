import itertools
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from lstm_core.model import weights_digest
from lstm_core.training import train
from tests.lstm_core.training.runs import ADDING, EVERYTHING, TEXT, fresh, trained


@pytest.mark.parametrize(
    ("optimizer", "task", "stops"),
    [("AdamW", TEXT, (1, 4, 7, 10)), ("RMSprop", TEXT, (5,)), ("SGD", TEXT, (5,)), ("AdamW", ADDING, (5,))],
    ids=["AdamW", "RMSprop", "SGD", "states from zero"],
)
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(tmp_path, optimizer, task, stops):
    settings = replace(EVERYTHING, optimizer=optimizer)
    whole, curve = trained(task, settings)
    for stop in stops:
        folder, killed = tmp_path / f"stopped{stop}", tmp_path / f"killed{stop}"
        run = train(fresh(task, settings), task, settings, folder=folder, save_every=2)
        list(itertools.islice(run, stop))
        shutil.copytree(folder, killed)  # what lies there when the process ends without a word
        run.close()
        for left, first in ((folder, stop + 1), (killed, stop - stop % 2 + 1)):
            model = fresh(task, settings)
            rest = list(train(model, task, settings, folder=left, save_every=2))
            assert [now.loss for now in rest] == [now.loss for now in curve[first - 1 :]]
            assert [now.score for now in rest] == [now.score for now in curve[first - 1 :]]
            assert weights_digest(model) == weights_digest(whole)


def test_a_run_that_was_ended_already_gives_the_same_model_again(tmp_path):
    whole, _ = trained(TEXT, EVERYTHING, tmp_path)
    again, rest = trained(TEXT, EVERYTHING, tmp_path)
    assert rest == []
    assert weights_digest(again) == weights_digest(whole)


def test_a_process_that_is_killed_while_it_saves_leaves_files_that_load_and_a_run_that_goes_on(tmp_path):
    command = [sys.executable, "-m", "tests.lstm_core.training.killed", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.split() == ["killed", "9", "times"]
