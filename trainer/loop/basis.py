"""What it depends on whether a round can be begun: as long as it stays, sifting the samples again is of no use."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer.loop.asking import Watched
from trainer.loop.gathering import Base


@dataclass(frozen=True, slots=True)
class Basis:
    """The number of the newest label, and a hash of everything else: settings, base set, what serves knows."""

    last: int
    settings: str


def basis_of(watched: Watched, last: int, known: Sequence[str]) -> Basis:
    """From the number of the newest label and the classes that the serving model knows.

    Of the base set it is told whether its files were written since, not what is in them.
    """
    told = (watched.new, watched.rules, list(_stamps(watched.base)), sorted(known))
    return Basis(last, hashlib.sha256(repr(told).encode()).hexdigest())


def _stamps(base: Base | None) -> Iterator[tuple[str, int]]:
    """Each path of the base set with the time of its last change in nanoseconds, 0 where it is not there."""
    for path in () if base is None else (base.photos, base.labels, base.facts):
        if path is not None:
            yield str(path), _changed_at(path)


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
