"""Which photos belong together: those of a patient, of a lesion, and near-duplicates of each other."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from trainer.photos.claims import Claim, Seen


def patient_ids(photos: Sequence[Seen], alike: Iterable[tuple[int, int]]) -> list[str]:
    """A patient id for each photo, in their order, the same for all that belong together.

    Photos belong together by patient; by lesion, where no patient is said; and as near-duplicates (`alike`, pairs of
    places): nearly the same picture shows the same person, whatever the labels call them. Together they bear the
    least of their patients' ids, else `lesion:ID`, else `group:` and the start of the least SHA-256.
    """
    leaders = list(range(len(photos)))

    def leader(place: int) -> int:
        while leaders[place] != place:
            leaders[place] = leaders[leaders[place]]
            place = leaders[place]
        return place

    for first, second in [*_told_together([photo.claim for photo in photos]), *alike]:
        low, high = sorted((leader(first), leader(second)))
        leaders[high] = low
    names: dict[int, tuple[int, str]] = {}
    for place, photo in enumerate(photos):
        name = _name(photo)
        names[leader(place)] = min(name, names.get(leader(place), name))
    return [names[leader(place)][1] for place in range(len(photos))]


def _name(photo: Seen) -> tuple[int, str]:
    """What a photo's group could be called, the best known first."""
    if photo.claim.patient_id:
        return 0, photo.claim.patient_id
    if photo.claim.lesion_id:
        return 1, f"lesion:{photo.claim.lesion_id}"
    return 2, f"group:{photo.sha256[:16]}"


def _told_together(claims: Sequence[Claim]) -> Iterator[tuple[int, int]]:
    """Pairs of places that bind what the labels say belongs together."""
    by_patient: dict[str, list[int]] = {}
    by_lesion: dict[str, list[int]] = {}
    patients_of: dict[str, set[str]] = {}
    for place, claim in enumerate(claims):
        if claim.patient_id:
            by_patient.setdefault(claim.patient_id, []).append(place)
            patients_of.setdefault(claim.lesion_id or "", set()).add(claim.patient_id)
        elif claim.lesion_id:
            by_lesion.setdefault(claim.lesion_id, []).append(place)
    for places in by_patient.values():
        yield from pairwise(places)
    for lesion_id, places in by_lesion.items():
        # A lesion's number may count within one patient only: it names a patient where no two have it.
        patients = patients_of.get(lesion_id, set())
        yield from pairwise([*places, *(by_patient[patient][0] for patient in patients if len(patients) == 1)])
