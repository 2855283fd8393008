"""Each picture once: what several rows say of the same bytes becomes one word, or none where they contradict."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from trainer.photos.claims import Claim, Seen
from trainer.photos.photo import LeftOut


@dataclass(frozen=True, slots=True)
class Merged:
    """One claim for each picture, in the order of the hashes, and what was left out for contradictions."""

    photos: tuple[Seen, ...]
    left_out: tuple[LeftOut, ...]


def merge(found: Iterable[Seen]) -> Merged:
    """Merge claims about the same bytes.

    A doctor's label beats a rule's; whose photo it is counts whoever said it, so that a patient stays on one side. Two
    claims contradict each other where both name a label of the same task, a patient or a side of the split and these
    differ: then none is believed, and every name of the picture is left out.
    """
    same: dict[str, list[Seen]] = {}
    for each in found:
        same.setdefault(each.sha256, []).append(each)
    photos: list[Seen] = []
    left_out: list[LeftOut] = []
    for _, several in sorted(same.items()):
        claims = _weighed([each.claim for each in several])
        against = next((why for field, why in _TOLD if _differ(claims, field)), None)
        if against is None:
            photos.append(replace(several[0], claim=_one(claims)))
        else:
            left_out += [LeftOut(each.claim.name, f"the same picture has {against}") for each in several]
    return Merged(tuple(photos), tuple(left_out))


_TOLD = (
    ("suitability", "two suitability labels"),
    ("diagnosis", "two diagnoses"),
    ("patient_id", "two patients"),
    ("split", "two sides of the split"),
)


def _weighed(claims: Iterable[Claim]) -> list[Claim]:
    """Doctors' claims first, then by name: whatever is chosen does not depend on the order of rows.

    Where a doctor spoke, the others' labels are taken out and what else they say stays.
    """
    ordered = sorted(claims, key=lambda claim: (claim.said_by != "doctor", claim.name))
    if ordered[0].said_by != "doctor":
        return ordered
    return [
        claim if claim.said_by == "doctor" else replace(claim, suitability=None, diagnosis=None) for claim in ordered
    ]


def _differ(claims: Sequence[Claim], field: str) -> bool:
    return len({getattr(claim, field) for claim in claims} - {None}) > 1


def _one(claims: Sequence[Claim]) -> Claim:
    """The first claim, its gaps filled by the others."""
    first = claims[0]
    for other in claims[1:]:
        gaps = {field: getattr(other, field) for field in _FILLED if getattr(first, field) is None}
        first = replace(first, **gaps)
    return first


_FILLED = (
    "suitability", "diagnosis", "patient_id", "lesion_id", "split", "sex", "age", "body_site", "fitzpatrick",
)  # fmt: skip
