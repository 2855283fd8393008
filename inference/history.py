"""Which versions of a task served, in which order: one line a change, `TIME WHAT VERSION`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from inference.durable import append_line
from inference.errors import StoreError


class Action(StrEnum):
    """How a version came to serve."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of what serves, at an aware time."""

    at: datetime
    action: Action
    version: int


def version_before(changes: Sequence[Change], serving: int) -> int | None:
    """Give the version to go back to from `serving`, None where none is known.

    Promotions pile up and each rollback takes the topmost off, so going back twice goes back two. A crash between
    the history and the switch leaves an entry on top that never came to serve, or one missing that still does; both
    are passed over.
    """
    pile: list[int] = []
    for change in changes:
        if change.action is Action.ROLLED_BACK:
            pile = _up_to(change.version, pile)
        else:
            pile.append(change.version)
    below = _up_to(serving, pile) if serving in pile else pile
    return next((version for version in reversed(below) if version != serving), None)


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
