"""The book: where a watcher stands, on disk after each step, so that a killed one goes on and does nothing twice.

    idle      waits for enough new samples
    fitting   a round is prepared: its samples lie in its folder; fitted, resumed or judged from there
    shadow    its model judges in the shadow; it is promoted when its time has come
    withheld  that it does not come to serve is said; it is still to be taken out of the shadow

One file, replaced in one step. What has come of a round and what the gateway is still to be told of it are written
together.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from inference.manifest import Task
from trainer.fitting.durable import write_text
from trainer.loop.errors import BookDamaged

MAX_BYTES = 256 * 2**20


class Phase(StrEnum):
    """What a watcher is about."""

    IDLE = "idle"
    FITTING = "fitting"
    SHADOW = "shadow"
    WITHHELD = "withheld"


class Came(StrEnum):
    """What came of a round: a model, none that the gate lets pass, or nothing that could be fitted or may serve."""

    TRAINED = "trained"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Collect:
    """Photos that are lacking: of which label, how many to test and to train with (None: none), and what for."""

    label: str
    test_photos: int | None
    train_photos: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the gateway is told of a round; `id` is the same however often it is told.

    `version` is that of the model in the store, None where there is none; `serves` says what it does there:
    `candidate`, `shadow` or `active`. `accuracy` is that on the test side. `words` say why, in English.
    """

    id: str
    task: Task
    came: Came
    round: int
    at: datetime
    new_samples: int
    held: int
    words: str
    version: int | None = None
    serves: str | None = None
    accuracy: float | None = None
    collect: tuple[Collect, ...] = ()


@dataclass(frozen=True, slots=True)
class InShadow:
    """The version that judges in the shadow since a moment."""

    version: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """Everything a watcher remembers.

    `round` counts rounds, `learnt` are the samples of the last one, photo id -> label, `test` the hashes of the
    pictures on the gate's test side, `sifted` the number of the newest label when too few samples were left of many,
    `sifted_under` a hash of the settings at that time. `halted` says why no round could be begun the last time.
    `held` are the photos in quarantine when the round began. `stored` is the newest version that was seen in the
    store, 0 where none was. `untold` are outcomes that the gateway has not heard of yet.
    """

    task: Task
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    round: int = 0
    phase: Phase = Phase.IDLE
    learnt: dict[str, str] = field(default_factory=dict)
    test: tuple[str, ...] = ()
    sifted: int = 0
    sifted_under: str = ""
    halted: str = ""
    held: int = 0
    stored: int = 0
    shadow: InShadow | None = None
    untold: tuple[Outcome, ...] = ()

    def outcome_id(self, what: str) -> str:
        """The id of what is told of the present round."""
        return f"{self.id}-{self.round}-{what}"


_BOOK = TypeAdapter(Book)


class Shelf:
    """The folder of a watcher: the book, a folder of each round's samples, and one of each round's run."""

    def __init__(self, folder: Path, task: Task) -> None:
        self.folder = folder
        self._task: Task = task
        self._path = folder / "book.json"

    def open(self) -> Book:
        """The book, a new one where there is none. Raises BookDamaged, and OSError where it cannot be read now."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with self._path.open("rb") as file:
                written = file.read(MAX_BYTES)
        except FileNotFoundError:
            return self.keep(Book(self._task))
        try:
            book = _BOOK.validate_json(written)
        except ValidationError as error:
            raise BookDamaged(
                f"{self._path.name} of {self.folder.name} cannot be read; move the folder away"
            ) from error
        if book.task != self._task:
            raise BookDamaged(f"{self.folder.name} is the folder of a watcher of {book.task} models")
        return book

    def keep(self, book: Book) -> Book:
        """Write the book, durably and in one step; it is given back."""
        write_text(self._path, json.dumps(_plain(book), ensure_ascii=False) + "\n")
        return book

    def round(self, number: int) -> Path:
        """The folder of a round's samples, quarantine and drift."""
        return self.folder / "rounds" / f"{number:04d}"

    def run(self, number: int) -> Path:
        """The folder of a round's run; beside all of them lies the ledger of looks at test sides."""
        return self.folder / "runs" / f"{number:04d}"


def told(book: Book, outcome: Outcome) -> Book:
    """Without an outcome that the gateway has heard of."""
    return replace(book, untold=tuple(one for one in book.untold if one.id != outcome.id))


def _plain(book: Book) -> Any:
    return _BOOK.dump_python(book, mode="json")


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """An outcome as `POST /api/v1/models/outcomes` takes it."""
    document = asdict(outcome)
    return {**document, "came": outcome.came.value, "at": outcome.at.isoformat()}
