"""SurveyFolder: the files of one survey, and how far it has come.

request.json   what the text is called
model/         the model
text/NAME      the reader's file
corpus/        the recording, a store of `record_corpus`
cards/layer0.json     what each unit does, once all are measured
progress.json  how far it has come
"""

import json
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from lstm_core import model_files
from lstm_core.model import SequenceModel
from lstm_core.runs.request import plain_name
from lstm_core.saving import write_bytes, write_text

State = Literal["waiting", "recording", "measuring", "finished", "stopped", "failed", "interrupted"]
STATES: tuple[State, ...] = get_args(State)
ACTIVE: tuple[State, ...] = ("waiting", "recording", "measuring")


@dataclass(frozen=True)
class Progress:
    """How far a survey has come."""

    state: State
    done: int = 0  # steps that are recorded, of the model and of those with random weights together
    steps: int = 0  # of all that are to be recorded; 0 until that is known
    rate: float = 0.0  # steps a second, in this process
    left_out: int = 0  # steps of the text, at least, that are not read: it is too long
    sentence: str = ""  # why it failed

    @property
    def active(self) -> bool:
        return self.state in ACTIVE


class SurveyFolder:
    """The files of one survey. Every file is replaced atomically."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model, self.corpus = path / "model", path / "corpus"
        self.log = path / "log"
        self._request, self._progress = path / "request.json", path / "progress.json"

    @classmethod
    def create(cls, path: Path, model: SequenceModel, *, name: str, content: bytes) -> "SurveyFolder":
        """A new survey of a file. Raises OSError, and leaves nothing, if it cannot be written."""
        path.mkdir(parents=True)
        folder = cls(path)
        try:
            (path / "text").mkdir()
            write_bytes(path / "text" / plain_name(name), content)
            model_files.save(model, folder.model)
            write_text(folder._request, json.dumps({"name": name, "model": model.digest}, ensure_ascii=False))
            folder.write(Progress("waiting"))
        except OSError:
            shutil.rmtree(path, ignore_errors=True)
            raise
        return folder

    @property
    def exists(self) -> bool:
        return self._request.is_file() and self._progress.is_file()

    @property
    def request(self) -> dict[str, str]:
        """`name` of the file, and the digest of the `model`."""
        found: dict[str, str] = json.loads(self._request.read_text(encoding="utf-8"))
        return found

    @property
    def file(self) -> Path:
        """The reader's file."""
        return self.path / "text" / plain_name(self.request["name"])

    @property
    def progress(self) -> Progress:
        """What was written last; a process that was killed cannot write that."""
        try:
            return Progress(**json.loads(self._progress.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            return Progress("failed", sentence=f"how far it came cannot be read any more ({type(error).__name__})")

    def write(self, progress: Progress) -> None:
        write_text(self._progress, json.dumps(asdict(progress), ensure_ascii=False))

    def write_cards(self, layer: str, cards: list[dict[str, Any]]) -> None:
        (self.path / "cards").mkdir(exist_ok=True)
        write_text(self.path / "cards" / f"{layer}.json", json.dumps(cards, allow_nan=False, ensure_ascii=False))

    def cards(self, layer: str) -> list[dict[str, Any]] | None:
        """What each unit of a layer does; None where it is not measured."""
        with suppress(OSError, ValueError):
            found: list[dict[str, Any]] = json.loads(
                (self.path / "cards" / f"{layer}.json").read_text(encoding="utf-8")
            )
            return found
        return None

    @property
    def size(self) -> int:
        """Bytes of what is kept."""
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())

    @property
    def touched(self) -> float:
        """When it last came further, in seconds as `time.time` counts."""
        return self._progress.stat().st_mtime
