"""What is done about near-duplicates that stand under two diagnoses or on two sides of the split.

Contradicting suitability is no fault: a soft shot and a sharp one of the same scene look alike here, and should.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from trainer.photos.claims import Seen
from trainer.photos.errors import NearDuplicates
from trainer.photos.photo import SPLITS, LeftOut, Split
from trainer.photos.split import Member, refuse_straddling

Duplicates = Literal["refuse", "together"]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Agreed:
    """Photos without near-duplicates under two diagnoses; `pairs` are places of the near-duplicates among them."""

    photos: tuple[Seen, ...]
    pairs: tuple[Pair, ...]
    left_out: tuple[LeftOut, ...] = ()


def agree_on_labels(photos: Sequence[Seen], pairs: Sequence[Pair], duplicates: Duplicates) -> Agreed:
    """Refuse near-duplicates under two diagnoses with NearDuplicates, or leave them out."""
    against = [pair for pair in pairs if _contradict(*(photos[place].claim.diagnosis for place in pair))]
    if against and duplicates == "refuse":
        raise NearDuplicates("nearly the same picture has two diagnoses", _names(photos, against))
    dropped = {place for pair in against for place in pair}
    kept = [place for place in range(len(photos)) if place not in dropped]
    new_place = {place: number for number, place in enumerate(kept)}
    return Agreed(
        photos=tuple(photos[place] for place in kept),
        pairs=tuple((new_place[a], new_place[b]) for a, b in pairs if a in new_place and b in new_place),
        left_out=tuple(
            LeftOut(photos[place].claim.name, "nearly the same picture has two diagnoses") for place in sorted(dropped)
        ),
    )


def agree_on_sides(members: Sequence[Member], pairs: Sequence[Pair], duplicates: Duplicates) -> list[Member]:
    """Members with near-duplicates on one side; `members` are grouped by what the labels and the pairs say.

    Near-duplicates on two sides are refused with NearDuplicates, or else their whole group goes to the first of
    train, val and test that any of it was given: what a model was fitted on must not come back as a test.
    """
    apart = [(a, b) for a, b in pairs if members[a].given != members[b].given]
    if apart and duplicates == "refuse":
        names = [(members[a].name, members[b].name) for a, b in apart]
        raise NearDuplicates("nearly the same picture is on two sides of the split", names)
    moved = {members[a].group for a, _ in apart}
    first: dict[str, Split] = {}
    for side in reversed(SPLITS):
        first |= {member.group: side for member in members if member.group in moved and member.given == side}
    return [replace(member, given=first.get(member.group, member.given)) for member in members]


def refuse_told_straddling(members: Sequence[Member], told_groups: Sequence[str]) -> None:
    """Raise BadSplit where what the labels themselves say belongs together was given two sides."""
    refuse_straddling(replace(member, group=group) for member, group in zip(members, told_groups, strict=True))


def _contradict(first: str | None, second: str | None) -> bool:
    return first is not None and second is not None and first != second


def _names(photos: Sequence[Seen], pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(photos[a].claim.name, photos[b].claim.name) for a, b in pairs]
