"""Where the services beside the studies lie, as far as a deployment has them."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.routing import Route

from dicomweb.contexts import Context
from dicomweb.routing import route
from dicomweb.services.commitment.endpoints import CommitmentResources
from dicomweb.services.commitment.values import Commitments
from dicomweb.services.scheduled_steps import ScheduledSteps, scheduled_steps_endpoint
from dicomweb.services.workitems.endpoints import WorkitemResources
from dicomweb.services.workitems.keeping import Workitems


@dataclass(frozen=True, slots=True)
class Services:
    """What is served beside the studies; None leaves a service out.

    Each gives what a request's caller may see. It is called in a worker thread, may block, and may raise Starlette's
    `HTTPException`.
    """

    workitems_for: Callable[[Request], Workitems] | None = None
    commitments_for: Callable[[Request], Commitments] | None = None
    scheduled_steps_for: Callable[[Request], ScheduledSteps] | None = None


def service_routes(context: Context, services: Services) -> list[Route]:
    """Routes of the services that there are."""
    routes: list[Route] = []
    if services.workitems_for is not None:
        routes += _workitem_routes(WorkitemResources(context, services.workitems_for))
    if services.commitments_for is not None:
        commitment = CommitmentResources(context, services.commitments_for)
        path = "/commitment-requests/{transaction}"
        routes.append(route(path, GET=commitment.result, POST=commitment.commit))
    if services.scheduled_steps_for is not None:
        endpoint = scheduled_steps_endpoint(context, services.scheduled_steps_for)
        routes.append(route("/modality-scheduled-procedure-steps", GET=endpoint))
    return routes


def _workitem_routes(workitems: WorkitemResources) -> list[Route]:
    one = "/workitems/{workitem}"
    return [
        route("/workitems", GET=workitems.search, POST=workitems.create),
        route(one, GET=workitems.retrieve, POST=workitems.update),
        route(one + "/state", PUT=workitems.change_state),
        route(one + "/cancelrequest", POST=workitems.request_cancellation),
        route(one + "/subscribers/{aetitle}", POST=workitems.subscribe, DELETE=workitems.subscribe),
        route(one + "/subscribers/{aetitle}/suspend", POST=workitems.subscribe),
    ]
