"""A watcher's surroundings without a gateway or a fit: what doctors say, a store, something in the place of a fit."""

import functools
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from inference.store import ModelStore
from tests.models import build_model, make_manifest, write_model
from trainer.cli import _parse
from trainer.errors import BelowGate
from trainer.handover.decision import Decision, Lack, Wanted
from trainer.handover.record import write_decision
from trainer.loop.asking import Letting, Watched
from trainer.loop.book import Shelf
from trainer.loop.gathering import Base, Rules
from trainer.loop.rounds import Watcher
from trainer.photos.claims import Claims
from trainer.photos.errors import LabelsUnreachable, NotAllowed
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_labels import Facts, GatewayLabel, LabelPage
from trainer.running.asked import Asked
from trainer.running.command import asked_of
from trainer.synthetic.album import USABLE, synthetic_photo

KNOWN = ("nevus", "tinea")


@functools.cache
def drawn(number: int) -> bytes:
    """A photo that is unlike every other."""
    target = io.BytesIO()
    synthetic_photo(USABLE, number, (160, 160)).save(target, "JPEG")
    return target.getvalue()


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Desk(GatewayClient):
    """What a gateway says, without one."""

    url: str = "http://127.0.0.1:9"
    said: list[GatewayLabel] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    judged: int = 0
    silent: bool = False
    without_rights: bool = False

    def say(self, photo_id: str, diagnosis: str, patient: str, voter: str = "kim") -> None:  # type: ignore[override]
        number = len(self.said) + 1
        facts = Facts(patient=patient, sex="F", age=40)
        self.said.append(GatewayLabel(number, photo_id, "north", diagnosis, "doctor", "diagnosis", voter, (), facts))

    def labels(self, after: int) -> LabelPage:
        if self.without_rights:
            raise NotAllowed("the gateway answered 403")
        return LabelPage(tuple(label for label in self.said if label.number > after), more=False)

    def picture(self, photo_id: str) -> bytes | None:
        return drawn(int(photo_id[1:]))

    def has_picture(self, photo_id: str) -> bool:
        return True

    def document(self, path: str, gone: int | None = None) -> object:
        counted = {"task": "disease", "shadow": 2, "judged": self.judged, "agreed": self.judged, "failed": 0}
        return {"models": [], "shadows": [counted]}

    def post(self, path: str, document: Any, gone: int | None = None) -> None:
        if self.silent:
            raise LabelsUnreachable("nobody answers")
        if document["id"] not in {each["id"] for each in self.told}:
            self.told.append(document)


@dataclass
class Fits:
    """In the place of a fit: hands a small model over, or does not; dies where it is told to."""

    folder: Path
    refuse: bool = False
    begun: list[bool] = field(default_factory=list)
    done: int = 0
    die: Callable[[str], None] = lambda _: None

    def __call__(self, asked: Asked, console: Console) -> None:
        self.begun.append(asked.resume)
        asked.run.mkdir(parents=True, exist_ok=True)
        (asked.run / "checkpoint.pt").write_bytes(b"")
        self.die("in the fit")
        check = Decision("disease", not self.refuse, (), (), "0" * 64)
        if self.refuse:
            wanted = Wanted("tinea", (Lack.RECALL,), 20, 40, "too few")
            check = replace(check, collect=(wanted,))
            write_decision(check, asked.run)
            raise BelowGate("it does not pass", check)
        write_decision(check, asked.run)
        store = ModelStore(asked.store)
        made = asked.run / "model"
        if not made.exists():
            manifest = make_manifest("disease", version=store.next_version("disease"), labels=KNOWN, malignant=())
            write_model(made, manifest, build_model(manifest))
        self.die("before the store")
        store.add(made)
        self.done += 1
        self.die("after the store")


@dataclass
class Place:
    """A watcher's surroundings."""

    folder: Path
    desk: Desk
    fits: Fits
    store: ModelStore
    rules: Rules = Rules(floor=4)  # noqa: RUF009 - immutable
    new: int = 8
    base: Base | None = None
    said: io.StringIO = field(default_factory=io.StringIO)

    def watched(self, letting: Letting) -> Watched:
        def ask(claims: Claims, run: Path) -> Asked:
            options = _parse(["fit", str(self.folder), "--task", "disease", "--store", str(self.store.root)])
            return replace(asked_of(options), run=run)

        return Watched("disease", self.desk.url, None, self.store.root, self.folder / "cache", self.folder / "rounds",
                       new=self.new, rules=self.rules, letting=letting, ask_fit=ask, base=self.base)  # fmt: skip

    def watcher(self, letting: Letting = Letting(promote=True)) -> Watcher:  # noqa: B008 - immutable
        return Watcher(self.watched(letting), Console(file=self.said, width=1000), self.desk)

    def changed(self, settings: Mapping[str, Any]) -> Watcher:
        """A watcher under other settings, by their names."""
        for name, value in settings.items():
            setattr(self, name, value)
        return self.watcher()

    def serve(self, version: int, *labels: str) -> None:
        """Let a model of these labels serve."""
        self.add(version, *labels)
        self.store.promote("disease", version)

    def add(self, version: int, *labels: str) -> None:
        """A candidate of these labels."""
        manifest = make_manifest("disease", version=version, labels=labels, malignant=())
        self.store.add(write_model(self.folder / f"made-{version}", manifest, build_model(manifest)))

    def label(self, first: int, count: int) -> None:
        for number in range(first, first + count):
            self.desk.say(f"p{number}", KNOWN[number % 2], f"patient{number}")

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.folder / "rounds", "disease")
