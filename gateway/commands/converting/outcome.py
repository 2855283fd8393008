"""What became of one file."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class State(StrEnum):
    """How it ended."""

    CONVERTED = "converted"
    UNCHANGED = "unchanged"
    """The very same object was there already."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Written:
    """An object that is in the folder: where, and its UIDs by name."""

    output: Path
    dicom: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file's end; `reason` says why it was skipped.

    Where the models were asked, `verdict` is what they say, and `report` what was written of it.
    """

    name: str
    state: State
    reason: str = ""
    written: Written | None = None
    verdict: dict[str, Any] | None = None
    report: Written | None = None


def skipped(name: str, reason: str) -> Outcome:
    """A file that was not converted."""
    return Outcome(name, State.SKIPPED, reason)
