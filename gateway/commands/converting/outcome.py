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
class Outcome:
    """One file's end; `reason` says why it was skipped, `verdict` what the models say where they were asked."""

    name: str
    state: State
    reason: str = ""
    output: Path | None = None
    dicom: dict[str, str] | None = None
    verdict: dict[str, Any] | None = None


def skipped(name: str, reason: str) -> Outcome:
    """A file that was not converted."""
    return Outcome(name, State.SKIPPED, reason)
