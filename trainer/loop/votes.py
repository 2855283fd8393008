"""From doctors' and rules' words to one label a photo, or to the reason why there is none yet. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inference.manifest import Task
from trainer.photos.gateway_labels import GatewayLabel, Kind, votes

KIND_OF: Mapping[Task, Kind] = {"suitability": "suitability", "disease": "diagnosis"}


class Why(StrEnum):
    """Why a label is in quarantine."""

    CONFLICT = "conflict"
    LONE = "lone"
    UNDECIDED = "undecided"
    NEAR_DUPLICATE = "near_duplicate"
    FEW_OF_CLASS = "few_of_class"
    NO_PICTURE = "no_picture"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Held:
    """A photo in quarantine; `label` is what was said of it, empty where that is not agreed on."""

    photo_id: str
    label: str
    why: Why
    words: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the votes on a photo come to: `label`, the number of the newest word, how many said so."""

    photo_id: str
    label: str
    number: int
    voters: int


@dataclass(frozen=True, slots=True)
class Counted:
    """All photos with a word on them: those agreed on, by photo id, and those that wait."""

    agreed: tuple[Agreed, ...]
    held: tuple[Held, ...]


def count_votes(labels: Iterable[GatewayLabel], task: Task, fewest: int) -> Counted:
    """What doctors, and where there is none a rule, say of each photo in a task.

    Each doctor has one vote, the last word. Where doctors disagree, or fewer than `fewest` have said the same, the
    photo waits; so it does where a single doctor held other diseases possible as well. A rule speaks where no doctor
    does, and has no vote where more than one is asked for.
    """
    agreed: list[Agreed] = []
    held: list[Held] = []
    for photo_id, said in votes(labels, KIND_OF[task]).items():
        outcome = _outcome(photo_id, said, fewest)
        if isinstance(outcome, Agreed):
            agreed.append(outcome)
        else:
            held.append(outcome)
    return Counted(tuple(agreed), tuple(held))


def _outcome(photo_id: str, said: Sequence[GatewayLabel], fewest: int) -> Agreed | Held:
    voters = [vote for vote in said if vote.said_by == "doctor"] or list(said)
    words = sorted({vote.said or "" for vote in voters})
    if len(words) > 1:
        return Held(photo_id, "", Why.CONFLICT, f"voters disagree: {', '.join(words)}")
    (label,) = words
    if len(voters) < fewest:
        return Held(photo_id, label, Why.LONE, f"{len(voters)} of {fewest} votes that are asked for")
    if len(voters) == 1 and voters[0].alternatives:
        others = ", ".join(voters[0].alternatives)
        return Held(photo_id, label, Why.UNDECIDED, f"the only voter also holds possible: {others}")
    return Agreed(photo_id, label, max(vote.number for vote in voters), len(voters))
