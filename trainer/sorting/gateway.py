"""Photos of a running gateway sorted by rule, and what the rules say handed back as rules' labels.

The gateway keeps doctors' and rules' labels apart; a rule's word never takes the place of a doctor's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from inference.rules import USABLE
from trainer.photos.errors import LabelsUnreachable
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_labels import GatewayLabel, standing
from trainer.photos.photo import SaidBy

PAGE_SIZE = 200
_MAX_PAGES = 10_000
_MAX_LABELS = 1_000_000
_PHOTO_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Said:
    """Labels that count, by photo id: doctors' and rules', apart."""

    doctors: dict[str, str]
    rules: dict[str, str]


@dataclass(frozen=True, slots=True)
class GatewayPhotos:
    """The photos behind `client`, listed and labelled. Everything here raises LabelsUnreachable."""

    client: GatewayClient

    def photo_ids(self) -> Iterator[str]:
        """Ids of all photos that the key may see, the newest first."""
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            query = urlencode({"limit": PAGE_SIZE, **({"cursor": cursor} if cursor else {})})
            ids, cursor = _page(self.client.document(f"/api/v1/photos?{query}"))
            yield from ids
            if cursor is None:
                return
        raise LabelsUnreachable(f"the gateway lists more than {_MAX_PAGES * PAGE_SIZE} photos")

    def said(self) -> Said:
        """What was said of photos so far."""
        found: list[GatewayLabel] = []
        more = True
        while more:
            page = self.client.labels(found[-1].number if found else 0)
            found += page.labels
            more = page.more
            if len(found) > _MAX_LABELS:
                raise LabelsUnreachable(f"the gateway has more than {_MAX_LABELS} labels")
        return Said(_of(found, "doctor"), _of(found, "rule"))

    def say(self, photo_id: str, label: str) -> None:
        """Post a rule's label: `usable` or a reason."""
        usable = label == USABLE
        self.client.say(photo_id, usable=usable, reason=None if usable else label)


def _of(labels: list[GatewayLabel], said_by: SaidBy) -> dict[str, str]:
    return {one.photo_id: one.said or USABLE for one in standing(one for one in labels if one.said_by == said_by)}


def _page(document: object) -> tuple[list[str], str | None]:
    try:
        ids = [photo["id"] for photo in document["photos"]]  # type: ignore[index]  # what it is shows in the doing
        following = document["next"]  # type: ignore[index]
    except (KeyError, TypeError) as error:
        raise LabelsUnreachable("the gateway's list of photos cannot be understood") from error
    if not all(isinstance(one, str) and _PHOTO_ID.fullmatch(one) for one in ids):
        raise LabelsUnreachable("the gateway's list of photos names an id that is none")
    return ids, following if isinstance(following, str) and following else None
