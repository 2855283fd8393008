"""Retrieve Capabilities: `OPTIONS` of the base URL (PS3.18 8.9). Needs no credential: nothing of a patient is in it."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dicomweb.capabilities.describing import as_json, as_wadl, resources_of
from dicomweb.capabilities.operations import PLAIN_JSON, WADL
from dicomweb.contexts import Context
from dicomweb.negotiation import Offer, choose
from dicomweb.routing import Endpoint

_OFFERS = (Offer(WADL), Offer("application/xml"), Offer(PLAIN_JSON))
_METHODS = "GET, HEAD, OPTIONS"


def capabilities_endpoint(context: Context, routes: Iterable[BaseRoute]) -> Endpoint:
    """The endpoint that describes `routes`, which may still be added to until it is first asked."""

    async def capabilities(request: Request) -> Response:
        offer = choose(context.accepted(request), _OFFERS)
        resources = resources_of(route for route in routes if isinstance(route, Route))
        write = as_json if offer.media_type == PLAIN_JSON else as_wadl
        body = write(resources, context.base_url(request))
        return Response(body, headers={"Allow": _METHODS}, media_type=offer.media_type)

    return capabilities
