"""Photos of a running gateway sorted by rule, and what the rules say handed back as rules' labels.

The gateway keeps doctors' and rules' labels apart; a rule's word never takes the place of a doctor's.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from inference.rules import USABLE
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_labels import standing
from trainer.sorting.errors import GatewayRefused

PAGE_SIZE = 200
_MAX_PAGES = 10_000
_MAX_PAGE_BYTES = 16 * 2**20
_TIMEOUT_SECONDS = 30.0
_PHOTO_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class _NoRedirects(HTTPRedirectHandler):
    """A redirect could carry the key to somebody else; the gateway sends none."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


@dataclass(frozen=True, slots=True)
class GatewayPhotos:
    """The photos behind `client`, which reads labels and pictures; listing and posting stand here."""

    client: GatewayClient

    def photo_ids(self) -> Iterator[str]:
        """Ids of all photos that the key may see, the newest first. Raises GatewayRefused."""
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            query = urlencode({"limit": PAGE_SIZE, **({"cursor": cursor} if cursor else {})})
            ids, cursor = _page(self._ask(f"/api/v1/photos?{query}"))
            yield from ids
            if cursor is None:
                return
        raise GatewayRefused(f"the gateway lists more than {_MAX_PAGES * PAGE_SIZE} photos")

    def doctors_labels(self) -> dict[str, str]:
        """The doctor's label that counts, by photo id. Raises LabelsUnreachable."""
        found = []
        after, more = 0, True
        while more:
            page = self.client.labels(after)
            found += [one for one in page.labels if one.said_by == "doctor"]
            after, more = (page.labels[-1].number if page.labels else after), page.more
        return {one.photo_id: one.suitability for one in standing(found)}

    def say(self, photo_id: str, label: str) -> None:
        """Post a rule's label: `usable` or a reason. Raises GatewayRefused."""
        usable = label == USABLE
        body = {"usable": usable, "reason": None if usable else label, "source": "rule"}
        self._ask(f"/api/v1/photos/{photo_id}/label", json.dumps(body).encode())

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        # The client has checked that the address is http(s).
        request = Request(f"{self.client.url}{path}", data=body, headers=headers)  # noqa: S310
        if self.client.key is not None:
            request.add_unredirected_header("Authorization", f"Bearer {self.client.key}")
        try:
            with build_opener(_NoRedirects).open(request, timeout=_TIMEOUT_SECONDS) as answer:
                data: bytes = answer.read(_MAX_PAGE_BYTES + 1)
        except HTTPError as error:
            with error:
                raise GatewayRefused(_refusal(error.code, posting=body is not None)) from error
        except (URLError, HTTPException, OSError) as error:
            raise GatewayRefused(f"{self.client.url} cannot be reached") from error
        if len(data) > _MAX_PAGE_BYTES:
            raise GatewayRefused(f"the gateway's answer has more than {_MAX_PAGE_BYTES} bytes")
        return data


def _page(data: bytes) -> tuple[list[str], str | None]:
    try:
        document = json.loads(data)
        ids = [photo["id"] for photo in document["photos"]]
        following = document["next"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GatewayRefused("the gateway's list of photos cannot be understood") from error
    if not all(isinstance(one, str) and _PHOTO_ID.fullmatch(one) for one in ids):
        raise GatewayRefused("the gateway's list of photos names an id that is none")
    return ids, following if isinstance(following, str) and following else None


def _refusal(status: int, *, posting: bool) -> str:
    hints = {
        401: ": the key is not valid (environment variable DERMGATE_KEY)",
        403: ": the key may not label photos; it needs the role clinician",
        422: ": it takes no rule's labels" if posting else "",
    }
    return f"the gateway answered {status}{hints.get(status, '')}"
