"""Surveys: which texts are being surveyed on this server, one after the other."""

import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

from lstm_core.model import SequenceModel
from lstm_core.surveys.folder import Progress, SurveyFolder
from lstm_core.user_models import unwritable

MAX_FILE_BYTES = 50_000_000
MAX_WAITING = 10
KEPT = 6  # surveys; the oldest beyond these are deleted

_ID = re.compile(r"[A-Za-z0-9_-]{16}")


class Surveys:
    """The surveys of one server, each in a process of its own, one at a time. Safe to call from several threads."""

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.abspath(root))
        self._line: list[str] = []
        self._at_work = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()

    def start(self, model: SequenceModel, *, name: str, content: bytes) -> str:
        """Survey a text, and return the survey's id; whoever knows it can see it. Raises ValueError, one sentence, if it cannot."""
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(
                f"The file has {len(content) / 1e6:.1f} MB: give one of at most {MAX_FILE_BYTES / 1e6:.0f} MB, "
                f"for example its beginning."
            )
        with self._lock:
            if len(self._line) >= MAX_WAITING:
                raise ValueError(f"{MAX_WAITING} texts are already waiting: try again when some have been read.")
            self._sweep()
            survey = secrets.token_urlsafe(12)
            try:
                SurveyFolder.create(self._root / survey, model, name=name, content=content)
            except OSError as error:
                raise ValueError(unwritable(error, self._root)) from error
            self._line.append(survey)
            self._fill()
        return survey

    def folder(self, survey: str) -> SurveyFolder | None:
        """The folder of that survey; None if there is no such survey."""
        folder = SurveyFolder(self._root / survey)
        return folder if _ID.fullmatch(survey) and folder.exists else None

    def look(self, survey: str) -> Progress | None:
        """How far that survey has come; None if there is no such survey."""
        folder = self.folder(survey)
        if folder is None:
            return None
        with self._lock:
            now = folder.progress
            alive = survey == self._at_work or survey in self._line
            # Its process was killed, or the server that had it in its line is gone.
            return replace(now, state="interrupted") if now.active and not alive else now

    def stop(self, survey: str) -> None:
        """End it now; what is recorded is kept, and `resume` goes on from there."""
        folder = self.folder(survey)
        if folder is None:
            return
        with self._lock:
            if survey in self._line:
                self._line.remove(survey)
                folder.write(replace(folder.progress, state="stopped"))
            elif survey == self._at_work and self._process is not None:
                self._process.kill()  # which loses nothing that is recorded, and helps while units are measured, too

    def resume(self, survey: str) -> None:
        """Go on with one that was stopped or interrupted."""
        folder, now = self.folder(survey), self.look(survey)
        with self._lock:
            if folder is None or now is None or now.state not in ("stopped", "interrupted"):
                return
            folder.write(replace(now, state="waiting"))
            self._line.append(survey)
            self._fill()

    def _fill(self) -> None:
        if self._at_work or not self._line:
            return
        survey = self._line.pop(0)
        folder = SurveyFolder(self._root / survey)
        self._process, self._at_work = _process(folder), survey
        threading.Thread(target=self._wait, args=(folder, self._process), name=f"survey {survey}", daemon=True).start()

    def _wait(self, folder: SurveyFolder, process: subprocess.Popen[bytes]) -> None:
        code = process.wait()
        with self._lock:
            self._at_work, self._process = "", None
            if code > 0 and folder.exists:
                sentence = "it ended with an error of the program itself; its log says more"
                folder.write(replace(folder.progress, state="failed", sentence=sentence))
            elif code < 0 and folder.exists:
                folder.write(replace(folder.progress, state="stopped"))
            self._fill()

    def _sweep(self) -> None:
        """Delete the oldest surveys beyond those that are kept; none at work or in line."""
        spared = {self._at_work, *self._line}
        folders = [one for one in map(SurveyFolder, self._root.glob("*")) if one.exists and one.path.name not in spared]
        for folder in sorted(folders, key=lambda one: one.touched, reverse=True)[KEPT - 1 :]:
            shutil.rmtree(folder.path, ignore_errors=True)


def _process(folder: SurveyFolder) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "lstm_core.surveys.process", str(folder.path), "--server", str(os.getpid())]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    with folder.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (a fixed command; the folder's name is our own)
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.path,
            env=environment,
            start_new_session=True,  # Ctrl-C in the server's terminal must not end it in the middle of a write
        )
