"""Labels from a running gateway: what doctors and rules said, with the pictures, through a cache on disk."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from trainer.photos.claims import Claim, Claims
from trainer.photos.gateway_cache import CachedPicture, LabelCache, open_cache
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_labels import GatewayLabel, standing
from trainer.photos.photo import LeftOut

KEY_VARIABLE = "DERMGATE_KEY"
OnProgress = Callable[[int, int], None]

_GONE = "the gateway has no picture of it, or no longer"
_BY_CASE = "patients are told apart by case only: one who comes again counts as another, and may be on two sides"
_NO_CASE = "{} photos, refused by the gateway's models, are of no case: each counts as of a patient of its own"


def key_from_environment() -> str | None:
    """The key that the environment holds for the gateway; None where there is none."""
    return os.environ.get(KEY_VARIABLE, "").strip() or None


def read_gateway(client: GatewayClient, cache: Path, on_progress: OnProgress | None = None) -> Claims:
    """Read the labels that are new since the last time, and the pictures that are not in the folder `cache` yet.

    Of one photo a doctor's word counts before a rule's, and the latest of either before earlier ones. Photos of one
    case count as of one patient; those of none are of nobody known. Photos that the gateway no longer has are left
    out, and removed from the cache.
    `on_progress` hears (photos done, photos in all). Killed at any moment it can be called again and goes on.
    Raises LabelsUnreachable, and BadLabels for a cache that cannot be used.
    """
    claims: list[Claim] = []
    left_out: list[LeftOut] = []
    with open_cache(cache, client.url) as kept:
        _read_labels(client, kept)
        labels = standing(kept.labels)
        for done, label in enumerate(labels, start=1):
            picture = _picture(client, kept, label.photo_id)
            if picture is None:
                left_out.append(LeftOut(label.photo_id, _GONE))
            else:
                claims.append(_claim(label, picture))
            if on_progress is not None:
                on_progress(done, len(labels))
    return Claims(tuple(claims), tuple(left_out), _notes(claims))


def _notes(claims: Sequence[Claim]) -> tuple[str, ...]:
    strangers = sum(claim.patient_id is None for claim in claims)
    return ((_BY_CASE,) if claims else ()) + ((_NO_CASE.format(strangers),) if strangers else ())


def _read_labels(client: GatewayClient, kept: LabelCache) -> None:
    more = True
    while more:
        page = client.labels(kept.after)
        kept.add(page.labels)
        more = page.more


def _picture(client: GatewayClient, kept: LabelCache, photo_id: str) -> CachedPicture | None:
    here = kept.picture(photo_id)
    if here is not None and _still_stands(client, photo_id, here):
        return here
    kept.forget_picture(photo_id)
    if here is not None and here.case_id:
        return None
    case_id = client.case_of(photo_id)
    picture = client.picture(photo_id) if case_id is not None else None
    if case_id is None or picture is None:
        return None
    return kept.keep_picture(photo_id, picture, case_id)


def _still_stands(client: GatewayClient, photo_id: str, here: CachedPicture) -> bool:
    """Whether the gateway still has the picture; one of no case may have been in work then, and be of one now."""
    return client.has_picture(photo_id) if here.case_id else client.case_of(photo_id) == ""


def _claim(label: GatewayLabel, picture: CachedPicture) -> Claim:
    return Claim(
        path=picture.path,
        name=label.photo_id,
        place=f"label {label.number} of the gateway",
        suitability=label.suitability,
        patient_id=f"case:{picture.case_id}" if picture.case_id else None,
        said_by=label.said_by,
        facts={"hospital": label.hospital, "label_number": str(label.number)},
    )
