"""What the faulty PACS keeps: a file for each instance, and a line for each arrival, both there after a SIGKILL."""

import hashlib
import os
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset, dcmread

_SHOWN = ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"]
_META_BEGINS = 144
"""Where (0002,0000), whose value lies in the four bytes before, ends."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An instance that came whole: the SHA-256 of its data set, and what became of it."""

    sop_instance_uid: str
    sha256: str
    fate: str


class Shelf:
    """Instances in a folder. Only the process is ever killed, never the machine: nothing is synced."""

    def __init__(self, folder: Path) -> None:
        self._objects, self._arrivals = folder / "objects", folder / "arrivals.txt"
        self._objects.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._came = Counter(arrival.sop_instance_uid for arrival in self.arrivals())

    def came(self, sop_instance_uid: str) -> int:
        """How often it came before."""
        with self._lock:
            return self._came[sop_instance_uid]

    def note(self, arrival: Arrival) -> None:
        """Write an arrival down."""
        with self._lock:
            self._came[arrival.sop_instance_uid] += 1
            append_line(self._arrivals, f"{arrival.sop_instance_uid} {arrival.sha256} {arrival.fate}")

    def keep(self, sop_instance_uid: str, file: bytes) -> None:
        """Keep a Part 10 file, unless there is one of this instance."""
        path = self._path(sop_instance_uid)
        if not path.exists():
            written = path.with_suffix(f".{threading.get_ident()}")
            written.write_bytes(file)
            written.replace(path)

    def holds(self, sop_instance_uid: str) -> bool:
        """Whether it is kept."""
        return self._path(sop_instance_uid).exists()

    def shown(self, sop_instance_uid: str) -> Dataset | None:
        """Its UIDs; None where it is not kept."""
        path = self._path(sop_instance_uid)
        return dcmread(path, stop_before_pixels=True, specific_tags=_SHOWN) if path.exists() else None

    def files(self) -> dict[str, bytes]:
        """Every file, by SOP Instance UID."""
        return {path.stem: path.read_bytes() for path in self._objects.glob("*.dcm")}

    def arrivals(self) -> list[Arrival]:
        """Everything that ever came, in order."""
        return [Arrival(*line.split(" ", 2)) for line in lines_of(self._arrivals)]

    def _path(self, sop_instance_uid: str) -> Path:
        return self._objects / f"{sop_instance_uid}.dcm"


def sha256_of_data_set(file: bytes) -> str:
    """Of what lies behind the file meta group of a Part 10 file, whose length stands at its beginning (PS3.10 7.1)."""
    begins_at = _META_BEGINS + int.from_bytes(file[_META_BEGINS - 4 : _META_BEGINS], "little")
    return hashlib.sha256(file[begins_at:]).hexdigest()


def append_line(path: Path, line: str) -> None:
    """Add a line in one write, so that a SIGKILL leaves it whole or out."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)


def lines_of(path: Path) -> list[str]:
    """The lines of a file; none where it is absent."""
    return path.read_text().splitlines() if path.exists() else []
