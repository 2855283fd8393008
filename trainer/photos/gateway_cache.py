"""The folder in which a gateway's labels and pictures are kept, so that asking again goes on where it stopped.

    gateway.json      the address they came from, and which kinds of labels were asked for
    labels.jsonl      one label a line, in the order of their numbers; the last number is where to go on
    pictures/ID.jpg   a picture (or ID.png), beside ID.json, which names its case

The folder holds photos of patients: only its owner may look inside.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from trainer.photos.errors import BadLabels, CacheBusy
from trainer.photos.gateway_labels import KINDS, GatewayLabel, as_document, parse_label

MAX_LABELS = 1_000_000
MAX_LINE = 4096
_MAX_NOTE = 4096
_SUFFIXES = {b"\xff\xd8\xff": ".jpg", b"\x89PN": ".png"}


@dataclass(frozen=True, slots=True)
class CachedPicture:
    """A picture that is here, and the case that its photo belongs to; empty for none."""

    path: Path
    case_id: str


@dataclass(slots=True)
class LabelCache:
    """An open cache; `labels` are those that are here."""

    folder: Path
    labels: list[GatewayLabel] = field(default_factory=list)

    @property
    def after(self) -> int:
        """The number of the last label that is here; 0 where there is none."""
        return self.labels[-1].number if self.labels else 0

    def add(self, labels: Iterable[GatewayLabel]) -> None:
        """Keep further labels, durably."""
        added = list(labels)
        if len(self.labels) + len(added) > MAX_LABELS:
            raise BadLabels(f"the gateway has more than {MAX_LABELS} labels")
        with (self.folder / "labels.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(as_document(label)) + "\n" for label in added)
            file.flush()
            os.fsync(file.fileno())
        self.labels += added

    def begin_anew(self, labels: Iterable[GatewayLabel]) -> None:
        """Keep these labels in the place of all that were here, durably and in one step."""
        kept = list(islice(labels, MAX_LABELS + 1))
        if len(kept) > MAX_LABELS:
            raise BadLabels(f"the gateway has more than {MAX_LABELS} labels")
        lines = "".join(json.dumps(as_document(label)) + "\n" for label in kept)
        _write(self.folder / "labels.jsonl", lines.encode())
        self.labels = kept

    def picture(self, photo_id: str) -> CachedPicture | None:
        """The picture of a photo, if it is here whole."""
        note = self._note(photo_id)
        if not note.is_file():
            return None
        try:
            with note.open("rb") as file:
                case_id = json.loads(file.read(_MAX_NOTE))["case_id"]
        except (ValueError, KeyError, TypeError) as error:
            raise BadLabels(f"{note.name} in the cache cannot be read; delete it") from error
        for suffix in _SUFFIXES.values():
            path = note.with_suffix(suffix)
            if path.is_file():
                return CachedPicture(path, str(case_id))
        return None

    def keep_picture(self, photo_id: str, picture: bytes, case_id: str) -> CachedPicture | None:
        """Keep a picture; None where the bytes are neither JPEG nor PNG. The note comes last and vouches for both."""
        suffix = _SUFFIXES.get(picture[:3])
        if suffix is None:
            return None
        path = self._note(photo_id).with_suffix(suffix)
        _write(path, picture)
        _write(self._note(photo_id), json.dumps({"case_id": case_id}).encode())
        return CachedPicture(path, case_id)

    def forget_picture(self, photo_id: str) -> None:
        """Remove a picture that the gateway no longer has: what is deleted there stays nowhere."""
        for suffix in (".json", *_SUFFIXES.values()):
            self._note(photo_id).with_suffix(suffix).unlink(missing_ok=True)

    def _note(self, photo_id: str) -> Path:
        return self.folder / "pictures" / f"{photo_id}.json"


@contextmanager
def open_cache(folder: Path, url: str) -> Iterator[LabelCache]:
    """Open, or make, the cache of the gateway at `url`, for one process at a time.

    Raises CacheBusy for one in use, BadLabels for a cache of another gateway or a damaged one, and OSError where the
    disk does not let it be written or read.
    """
    (folder / "pictures").mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    with (folder / ".lock").open("w") as lock:
        _lock(lock.fileno())
        _claim(folder, url)
        yield LabelCache(folder, list(_kept(folder / "labels.jsonl")))


def _lock(file: int) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CacheBusy("the cache is in use by another run") from error


def _claim(folder: Path, url: str) -> None:
    note, asked = folder / "gateway.json", {"url": url, "kinds": list(KINDS)}
    if not note.exists():
        _write(note, json.dumps(asked).encode())
    with note.open("rb") as file:
        written = file.read(_MAX_NOTE)
    try:
        known = json.loads(written)
        known_url, kinds = known["url"], known.get("kinds")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadLabels(f"{note.name} in the cache cannot be read") from error
    if known_url != url:
        raise BadLabels("the cache holds the labels of another gateway; choose another folder")
    if kinds != asked["kinds"]:  # of the labels that were read then, others were left out
        (folder / "labels.jsonl").unlink(missing_ok=True)
        _write(note, json.dumps(asked).encode())


def _kept(path: Path) -> Iterator[GatewayLabel]:
    """The labels of a file. A last line without its end was being written when the power went: it is cut off."""
    if not path.exists():
        return
    whole = 0
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE):
            if not line.endswith(b"\n") and len(line) < MAX_LINE:
                break
            whole = file.tell()
            try:
                yield parse_label(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise BadLabels(f"{path.name} in the cache is damaged; delete it") from error
    os.truncate(path, whole)


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
