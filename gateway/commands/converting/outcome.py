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
    PASSED_BY = "passed_by"
    """No picture by its bytes nor by its name, and in no row: it only lay in the folder."""


@dataclass(frozen=True, slots=True)
class Written:
    """An object that is in the folder: where, and its UIDs by name."""

    output: Path
    dicom: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file's end; `reason` says why it was skipped or passed by, in words, and `code` as a stable name.

    Of a converted file `dated_by` says who told its moment, and `notice` what it is not stored as, and why. Where the
    models were asked, `verdict` is what they say, and `report` what was written of it. `fresh` are the files that
    this run wrote; `kept_out_of` is the study that has other content at this file's place.
    """

    name: str
    state: State
    reason: str = ""
    code: str = ""
    dated_by: str = ""
    notice: str = ""
    written: Written | None = None
    verdict: dict[str, Any] | None = None
    report: Written | None = None
    fresh: tuple[Path, ...] = ()
    kept_out_of: str = ""


def skipped(name: str, reason: str, code: str) -> Outcome:
    """A file that was not converted."""
    return Outcome(name, State.SKIPPED, reason, code)
