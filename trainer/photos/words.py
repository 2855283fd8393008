"""From the words of many data sets to ours: slugs, labels, sexes, ages, skin types, sides of the split.

Every function takes a cell as it stands and is pure. An empty cell and the usual ways to write "not known" are None.
"""

import csv
import functools
import math
import re
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

from inference.rules import SUITABILITY_LABELS
from trainer.photos.photo import Split

_UNKNOWN = frozenset({"", "na", "n/a", "nan", "none", "null", "unknown", "unk", "not known", "not_known", "-", "?"})
_SUITABILITY = MappingProxyType({label: label for label in SUITABILITY_LABELS} | {"presumed_usable": "usable"})
_SEXES = MappingProxyType({"f": "F", "female": "F", "woman": "F", "m": "M", "male": "M", "man": "M"})
_SPLITS: Mapping[str, Split] = MappingProxyType({
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val", "tune": "val",
    "test": "test", "testing": "test",
})  # fmt: skip
MAX_AGE = 120


def known(cell: str) -> str | None:
    """The cell without blanks around it; None where it says nothing."""
    stripped = cell.strip()
    return None if stripped.lower() in _UNKNOWN else stripped


def slug(name: str) -> str:
    """Lower case, letters and digits of any script, everything else one underscore: "Nevus, NOS" -> "nevus_nos"."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def diagnosis(cell: str) -> str | None:
    """The slug of a disease; codes of well-known data sets (`NEV`, `akiec`) become the slug of what they stand for."""
    name = known(cell)
    if name is None:
        return None
    found = slug(name)
    return _diagnoses().get(found, found) or None


def suitability(cell: str) -> str | None:
    """One of SUITABILITY_LABELS; raises ValueError for anything else, also for an "unusable" that says no reason."""
    name = known(cell)
    if name is None:
        return None
    found = _SUITABILITY.get(slug(name))
    if found is None:
        hint = "say why it is unusable" if slug(name) == "unusable" else "it is not known"
        raise ValueError(f"{name[:40]!r}: {hint}; one of {', '.join(SUITABILITY_LABELS)}")
    return found


def body_site(cell: str) -> str | None:
    """The gateway's slug of a body site; None where it is unknown or stands for several ("head/neck")."""
    return _body_sites().get(slug(cell))


def sex(cell: str) -> str | None:
    """F or M; None for anything else."""
    return _SEXES.get(cell.strip().lower())


def age(cell: str) -> int | None:
    """Whole years, 0..120; raises ValueError for what is no such number."""
    years = _number(cell)
    if years is not None and not 0 <= years <= MAX_AGE:
        raise ValueError("no age in years")
    return None if years is None else int(years)


def fitzpatrick(cell: str) -> int | None:
    """Skin type 1..6; None for anything else (Fitzpatrick17k writes -1 for unknown)."""
    try:
        found = _number(cell)
    except ValueError:
        return None
    return int(found) if found is not None and found in range(1, 7) else None


def split(cell: str) -> Split | None:
    """A side of the split; raises ValueError for an unknown word."""
    name = known(cell)
    if name is None:
        return None
    found = _SPLITS.get(name.lower())
    if found is None:
        raise ValueError(f"{name[:40]!r} is none of train, val, test")
    return found


def is_split(name: str) -> bool:
    """Whether a folder of this name is a side of the split."""
    return name.lower() in _SPLITS


def _number(cell: str) -> float | None:
    name = known(cell)
    if name is None:
        return None
    number = float(name)
    if not math.isfinite(number):
        raise ValueError("no finite number")
    return number


@functools.cache
def _diagnoses() -> Mapping[str, str]:
    return _table("diagnoses.csv", "codes")


@functools.cache
def _body_sites() -> Mapping[str, str]:
    return _table("body_sites.csv", "aliases")


def _table(file: str, column: str) -> Mapping[str, str]:
    lines = resources.files(__package__).joinpath(file).read_text("utf-8").splitlines()
    found: dict[str, str] = {}
    for row in csv.DictReader(lines):
        found |= dict.fromkeys((row["slug"], *row[column].split()), row["slug"])
    return MappingProxyType(found)
