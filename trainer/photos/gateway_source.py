"""Labels from a running gateway: what doctors and rules said, with the pictures, through a cache on disk."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from trainer.photos.claims import Claim, Claims
from trainer.photos.gateway_cache import CachedPicture, LabelCache, open_cache
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_labels import Facts, GatewayLabel, deleted, standing
from trainer.photos.photo import LeftOut
from trainer.photos.words import body_site

KEY_VARIABLE = "DERMGATE_KEY"
OnProgress = Callable[[int, int], None]
Chosen = Callable[[Sequence[GatewayLabel]], Iterable[str]]
"""From all labels to the photos, by their ids, whose pictures are wanted."""

_GONE = "the gateway has no picture of it, or no longer"
_BY_CASE = "patients are told apart by case only: one who comes again counts as another, and may be on two sides"
_NO_CASE = "{} photos, refused by the gateway's models, are of no case: each counts as of a patient of its own"


def key_from_environment() -> str | None:
    """The key that the environment holds for the gateway; None where there is none."""
    return os.environ.get(KEY_VARIABLE, "").strip() or None


def read_gateway(
    client: GatewayClient, cache: Path, on_progress: OnProgress | None = None, *, chosen: Chosen | None = None
) -> Claims:
    """Read the labels that are new since the last time, and the pictures that are not in the folder `cache` yet.

    Of one photo a doctor's word counts before a rule's, and the latest of either before earlier ones; words that were
    taken back do not count. Photos are of one patient where the gateway says so; where it tells nothing of patients,
    those of one case are, and those of none are of nobody known. Photos that the gateway no longer has are left
    out, and removed from the cache. `chosen` bounds which pictures are read; all that have a label by default.
    `on_progress` hears (photos done, photos in all). Killed at any moment it can be called again and goes on.
    Raises LabelsUnreachable, BadLabels for a cache that cannot be used, CacheBusy for one in use, and OSError.
    """
    claims: list[Claim] = []
    left_out: list[LeftOut] = []
    with open_cache(cache, client.url) as kept:
        _read_new(client, kept)
        left_out += [LeftOut(photo_id, _GONE) for photo_id in sorted(_forget_deleted(kept))]
        said = _said(kept.labels)
        wanted = sorted(said if chosen is None else set(chosen(kept.labels)) & said.keys())
        for done, photo_id in enumerate(wanted, start=1):
            picture = _picture(client, kept, photo_id, facts=said[photo_id][0].facts)
            if picture is None:
                left_out.append(LeftOut(photo_id, _GONE))
            else:
                claims.append(_claim(said[photo_id], picture))
            if on_progress is not None:
                on_progress(done, len(wanted))
    return Claims(tuple(claims), tuple(left_out), _notes(claims))


def read_labels(client: GatewayClient, cache: Path, *, anew: bool = False) -> tuple[GatewayLabel, ...]:
    """All labels, read as far as they are new; pictures of photos that were deleted leave the cache.

    `anew` reads every label again: what is told of a photo may have been corrected since. Raises as `read_gateway`.
    """
    with open_cache(cache, client.url) as kept:
        if anew:
            kept.begin_anew(_pages(client, 0))
        else:
            _add_new(client, kept)
        _forget_deleted(kept)
        return tuple(kept.labels)


def _said(labels: Sequence[GatewayLabel]) -> dict[str, list[GatewayLabel]]:
    """By photo what counts of it, at most a label for each kind."""
    said: dict[str, list[GatewayLabel]] = {}
    for label in (*standing(labels, "suitability"), *standing(labels, "diagnosis")):
        said.setdefault(label.photo_id, []).append(label)
    return said


def _notes(claims: Sequence[Claim]) -> tuple[str, ...]:
    by_case = any((claim.patient_id or "").startswith("case:") for claim in claims)
    strangers = sum(claim.patient_id is None for claim in claims)
    return ((_BY_CASE,) if by_case else ()) + ((_NO_CASE.format(strangers),) if strangers else ())


def _read_new(client: GatewayClient, kept: LabelCache) -> None:
    """Read on; where the gateway tells facts, which may have been corrected since, read all labels again."""
    if any(label.facts is not None for label in kept.labels):
        kept.begin_anew(_pages(client, 0))
    else:
        _add_new(client, kept)


def _add_new(client: GatewayClient, kept: LabelCache) -> None:
    for page in _paged(client, kept.after):
        kept.add(page)


def _pages(client: GatewayClient, after: int) -> Iterable[GatewayLabel]:
    return (label for page in _paged(client, after) for label in page)


def _paged(client: GatewayClient, after: int) -> Iterable[tuple[GatewayLabel, ...]]:
    more = True
    while more:
        page = client.labels(after)
        yield page.labels
        after = page.labels[-1].number if page.labels else after
        more = page.more


def _forget_deleted(kept: LabelCache) -> frozenset[str]:
    gone = deleted(kept.labels)
    for photo_id in gone:
        kept.forget_picture(photo_id)
    return gone


def _picture(client: GatewayClient, kept: LabelCache, photo_id: str, *, facts: Facts | None) -> CachedPicture | None:
    """The picture, from here or from the gateway; where that told `facts`, nobody need ask which case it is of."""
    here = kept.picture(photo_id)
    settled = here is not None and (bool(here.case_id) or facts is not None)
    if here is not None and _still_stands(client, photo_id, settled=settled):
        return here
    kept.forget_picture(photo_id)
    if settled:
        return None
    case_id = "" if facts is not None else client.case_of(photo_id)
    picture = client.picture(photo_id) if case_id is not None else None
    if case_id is None or picture is None:
        return None
    return kept.keep_picture(photo_id, picture, case_id)


def _still_stands(client: GatewayClient, photo_id: str, *, settled: bool) -> bool:
    """Whether the gateway still has the picture; one of no case may have been in work then, and be of one now."""
    return client.has_picture(photo_id) if settled else client.case_of(photo_id) == ""


def _claim(labels: Sequence[GatewayLabel], picture: CachedPicture) -> Claim:
    said = {label.kind: label for label in labels}
    first, facts = labels[0], labels[0].facts or Facts()
    return Claim(
        path=picture.path,
        name=first.photo_id,
        place=f"label {max(label.number for label in labels)} of the gateway",
        suitability=said["suitability"].said if "suitability" in said else None,
        diagnosis=said["diagnosis"].said if "diagnosis" in said else None,
        patient_id=_patient(first.facts, picture),
        lesion_id=facts.lesion or None,
        sex=facts.sex,
        age=facts.age,
        body_site=None if facts.body_site is None else body_site(facts.body_site),
        said_by="doctor" if any(label.said_by == "doctor" for label in labels) else "rule",
        facts={"hospital": first.hospital, "label_number": str(first.number)},
    )


def _patient(facts: Facts | None, picture: CachedPicture) -> str | None:
    if facts is not None and facts.patient:
        return f"patient:{facts.patient}"
    return f"case:{picture.case_id}" if picture.case_id else None
