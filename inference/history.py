"""What was done with the versions of a task, in which order: one line a change, `TIME WHAT VERSION`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from inference.durable import append_line
from inference.errors import StoreError


class Action(StrEnum):
    """What was done with a version: made to serve, gone back to, withdrawn, or put in the shadow and taken out."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    RETIRED = "retired"
    SHADOWED = "shadowed"
    UNSHADOWED = "unshadowed"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, at an aware time."""

    at: datetime
    action: Action
    version: int


def version_before(changes: Sequence[Change], serving: int) -> int | None:
    """Give the version to go back to from `serving`, None where none is known.

    Promotions pile up and each rollback takes the topmost off, so going back twice goes back two. A crash between
    the history and the switch leaves an entry on top that never came to serve, or one missing that still does; both
    are passed over. What was retired by hand is not gone back to.
    """
    pile: list[int] = []
    for change in changes:
        pile = _after(change, pile)
    below = _up_to(serving, pile) if serving in pile else pile
    return next((version for version in reversed(below) if version != serving), None)


def _after(change: Change, pile: list[int]) -> list[int]:
    match change.action:
        case Action.PROMOTED:
            return [*pile, change.version]
        case Action.ROLLED_BACK:
            return _up_to(change.version, pile)
        case Action.RETIRED:
            return [version for version in pile if version != change.version]
        case _:
            return pile


def _up_to(version: int, pile: list[int]) -> list[int]:
    """Give the pile up to its topmost `version`, or that alone where it is not in the pile."""
    if version not in pile:
        return [version]
    return pile[: len(pile) - pile[::-1].index(version)]


def append_change(path: Path, change: Change) -> None:
    """Write a change at the end of the history."""
    append_line(path, f"{change.at.isoformat(timespec='seconds')} {change.action} {change.version}")


def read_changes(path: Path) -> list[Change]:
    """Read a history, oldest first; empty where there is none. Raises StoreError for lines that are none."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"the history of {path.parent.name} cannot be read") from error
    return [_change(line, path.parent.name) for line in lines if line.strip()]


def _change(line: str, task: str) -> Change:
    try:
        at, action, version = line.split()
        return Change(datetime.fromisoformat(at), Action(action), int(version))
    except ValueError as error:
        raise StoreError(f"the history of {task} holds a line that is no change") from error
