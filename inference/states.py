"""What a version in the store is at this moment: told from the marks and the history, kept nowhere else."""

from collections.abc import Sequence
from enum import StrEnum

from inference.history import Action, Change

_SERVED = frozenset({Action.PROMOTED, Action.ROLLED_BACK})


class State(StrEnum):
    """What a version is.

    A candidate never served. A shadow judges beside the active one, and nobody is shown its answers. The active one
    serves. A retired one served before or was withdrawn by hand.
    """

    CANDIDATE = "candidate"
    SHADOW = "shadow"
    ACTIVE = "active"
    RETIRED = "retired"


def state_of(version: int, *, serving: int | None, shadow: int | None, changes: Sequence[Change]) -> State:
    """Tell the state of a version from what the two marks name and from the history, oldest first.

    The marks go before the history, and serving before judging in the shadow.
    """
    if version == serving:
        return State.ACTIVE
    if version == shadow:
        return State.SHADOW
    return State.RETIRED if has_ended(version, serving=serving, changes=changes) else State.CANDIDATE


def has_ended(version: int, *, serving: int | None, changes: Sequence[Change]) -> bool:
    """Whether a version that does not serve did so before, or was withdrawn and not called back since.

    A last switch that names what does not serve was cut short by a crash: that version never came to serve.
    """
    if version == serving:
        return False
    switches = [change for change in changes if change.action in _SERVED]
    if switches and changes[-1] is switches[-1] and switches[-1].version != serving:
        switches.pop()
    return version in {change.version for change in switches} or _withdrawn(version, changes)


def _withdrawn(version: int, changes: Sequence[Change]) -> bool:
    actions = [change.action for change in changes if change.version == version]
    decisive = [action for action in actions if action in _SERVED or action is Action.RETIRED]
    return bool(decisive) and decisive[-1] is Action.RETIRED
