"""The modality worklist over HTTP: `GET /modality-scheduled-procedure-steps`, read only (Supplement 246, PS3.4 K)."""

from collections.abc import Callable
from typing import Protocol

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from dicomweb.archive import Matches, Search
from dicomweb.contexts import Context
from dicomweb.routing import Endpoint
from dicomweb.services.exchange import asked, cut, told

RETURNED = frozenset(
    {
        *(0x00080005, 0x00080050, 0x00080090, 0x00081110, 0x00081120, 0x00100010, 0x00100020, 0x00100030, 0x00100040),
        *(0x00101030, 0x00102000, 0x00102110, 0x001021C0, 0x0020000D, 0x00321032, 0x00321060, 0x00321064),
        *(0x00380010, 0x00380050, 0x00380300, 0x00380500, 0x00400100, 0x00401001, 0x00401003, 0x00401004, 0x00403001),
    }
)
"""What is returned without being asked for (PS3.4 Table K.6-1, return key types 1 and 2), where it is known."""


class ScheduledSteps(Protocol):
    """Orders as modalities ask for them, within one caller's scope; may block, is called from worker threads."""

    def search(self, search: Search) -> Matches:
        """One page of whole worklist items in a stable order; the search's level and `include` say nothing here."""


class NoScheduledSteps:
    """A worklist without a source of orders: nothing is scheduled."""

    def search(self, search: Search) -> Matches:  # noqa: ARG002 - the protocol's signature
        """No match."""
        return Matches((), 0)


def scheduled_steps_endpoint(context: Context, steps_for: Callable[[Request], ScheduledSteps]) -> Endpoint:
    """The endpoint; `steps_for` gives what a request's caller may see, as `archive_for` does the archive."""

    async def search(request: Request) -> Response:
        offer, query = asked(request, context)
        matches = await to_thread.run_sync(lambda: steps_for(request).search(query.search))
        items = [cut(members, query.search, RETURNED) for members in matches.items]
        return told(Matches(items, matches.remaining), offer, query, context.base_url(request))

    return search
