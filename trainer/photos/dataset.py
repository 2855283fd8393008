"""From what a source says to a data set: looked at, each picture once, grouped, split, fingerprinted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trainer.photos.claims import Claim, Claims, Seen
from trainer.photos.duplicates import near_duplicates
from trainer.photos.errors import BadLabels
from trainer.photos.fingerprint import fingerprint
from trainer.photos.grouping import patient_ids
from trainer.photos.looking import look
from trainer.photos.merging import merge
from trainer.photos.photo import SPLITS, Dataset, LabelledPhoto, LeftOut, Split, Wanted
from trainer.photos.reconciling import Agreed, Duplicates, agree_on_labels, agree_on_sides, refuse_told_straddling
from trainer.photos.split import DEFAULT_SHARES, Member, Shares, split, stratum


@dataclass(frozen=True, slots=True)
class Plan:
    """How a data set is put together.

    `wanted`: only photos with a label of this task; None takes all. `shares` and `seed` are for sides that the labels
    do not give. `duplicates`: near-duplicates on two given sides, or under two diagnoses, are refused, or else
    brought "together": they and all photos of their patients go to the first of train, val and test that any of them
    was given, and those under two diagnoses are left out. `earlier`: the side that a picture (SHA-256) had in a former
    data set, as trainer.photos.fingerprint.read_sides gives it; its patient stays there where the labels give no
    sides. `workers` threads decode, as many as cores where None.
    """

    wanted: Wanted | None = None
    shares: Shares = DEFAULT_SHARES
    seed: int = 0
    duplicates: Duplicates = "refuse"
    earlier: Mapping[str, Split] = field(default_factory=dict)
    workers: int | None = None


def assemble(source: Claims, plan: Plan) -> Dataset:
    """Make a data set of what a source says.

    Left out, with the reason: photos without the wanted label, pictures that serving would refuse, pictures under
    contradicting labels. Raises BadLabels where nothing is left or a file cannot be read, NearDuplicates (see Plan),
    and BadSplit for a patient on two sides or a side left without photos.
    """
    claims, unlabelled = _labelled(source.claims, plan)
    seen, unread = _looked_at(claims, plan.workers)
    merged = merge(seen)
    if not merged.photos:
        raise BadLabels("the labels name no photo that can be used")
    pairs = near_duplicates(np.stack([photo.thumb for photo in merged.photos])).tolist()
    agreed = agree_on_labels(merged.photos, [(first, second) for first, second in pairs], plan.duplicates)
    if not agreed.photos:
        raise BadLabels("the labels contradict each other for every photo")
    photos, notes = _split(agreed, plan)
    return Dataset(
        photos=photos,
        left_out=(*source.left_out, *unlabelled, *unread, *merged.left_out, *agreed.left_out),
        fingerprint=fingerprint(photos),
        notes=(*source.notes, *_notes(agreed), *notes),
    )


def _labelled(claims: Iterable[Claim], plan: Plan) -> tuple[list[Claim], list[LeftOut]]:
    kept, left_out = [], []
    for claim in claims:
        if plan.wanted is not None and getattr(claim, plan.wanted) is None:
            left_out.append(LeftOut(claim.name, f"nothing is said of its {plan.wanted}"))
        else:
            kept.append(claim)
    return kept, left_out


def _looked_at(claims: Iterable[Claim], workers: int | None) -> tuple[list[Seen], list[LeftOut]]:
    seen: list[Seen] = []
    unread: list[LeftOut] = []
    for each in look(claims, workers=workers):
        if isinstance(each, Seen):
            seen.append(each)
        else:
            unread.append(each)
    return seen, unread


def _split(agreed: Agreed, plan: Plan) -> tuple[tuple[LabelledPhoto, ...], tuple[str, ...]]:
    ids = patient_ids(agreed.photos, agreed.pairs)
    members = [_member(photo, patient_id, plan.wanted) for photo, patient_id in zip(agreed.photos, ids, strict=True)]
    refuse_told_straddling(members, patient_ids(agreed.photos, ()))
    members = agree_on_sides(members, agreed.pairs, plan.duplicates)
    sides = split(members, plan.shares, plan.seed, _earlier(agreed.photos, ids, plan.earlier))
    parts = zip(agreed.photos, ids, sides.sides, strict=True)
    lacking = _lacking(members, sides.sides)
    return tuple(_photo(photo, patient_id, side) for photo, patient_id, side in parts), (*sides.notes, *lacking)


def _lacking(members: Sequence[Member], sides: Sequence[Split]) -> list[str]:
    """A sentence for each side that lacks a label, where there is anything on it at all."""
    labels: dict[Split, set[str]] = {}
    for member, side in zip(members, sides, strict=True):
        labels.setdefault(side, set()).add(member.label)
    every = set().union(*labels.values())
    return [
        f"on the {side} side there is no photo of {', '.join(sorted(every - labels[side]))}"
        for side in SPLITS
        if side in labels and labels[side] < every
    ]


def _earlier(photos: Sequence[Seen], ids: Sequence[str], sides: Mapping[str, Split]) -> dict[str, Split]:
    """The side that each patient had; of several, where photos turned out to be of one, what comes first in SPLITS."""
    had: dict[str, Split] = {}
    for side in reversed(SPLITS):
        had |= {group: side for photo, group in zip(photos, ids, strict=True) if sides.get(photo.sha256) == side}
    return had


def _member(photo: Seen, patient_id: str, wanted: Wanted | None) -> Member:
    claim = photo.claim
    return Member(patient_id, stratum(claim.suitability, claim.diagnosis, wanted), claim.split, claim.name)


def _photo(photo: Seen, patient_id: str, side: Split) -> LabelledPhoto:
    claim = photo.claim
    return LabelledPhoto(
        path=claim.path,
        sha256=photo.sha256,
        name=claim.name,
        suitability=claim.suitability,
        diagnosis=claim.diagnosis,
        patient_id=patient_id,
        lesion_id=claim.lesion_id,
        split=side,
        sex=claim.sex,
        age=claim.age,
        body_site=claim.body_site,
        fitzpatrick=claim.fitzpatrick,
        said_by=claim.said_by,
        facts=claim.facts,
    )


_STRANGERS = (
    "the patient is unknown for {} photos: each counts as a patient of its own, with its near-duplicates, "
    "so intervals may be too narrow and a patient may be on two sides; name the patients in a column patient_id of the "
    "labels or of --facts CSV"
)


def _notes(agreed: Agreed) -> list[str]:
    claims = [photo.claim for photo in agreed.photos]
    strangers = sum(not claim.patient_id and not claim.lesion_id for claim in claims)
    lesions = sum(not claim.patient_id and bool(claim.lesion_id) for claim in claims)
    crossing = sum(_of_two_patients(claims, pair) for pair in agreed.pairs)
    told = (
        (strangers, _STRANGERS),
        (lesions, "only the lesion is known for {} photos: two lesions of one patient may be on two sides"),
        (crossing, "{} near-duplicates are of two patients by the labels; they are counted as of one"),
    )
    return [words.format(count) for count, words in told if count]


def _of_two_patients(claims: Sequence[Claim], pair: tuple[int, int]) -> bool:
    first, second = (claims[place].patient_id for place in pair)
    return first is not None and second is not None and first != second
