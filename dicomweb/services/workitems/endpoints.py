"""UPS-RS over HTTP: `/workitems` and what lies below it (PS3.18 11)."""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from dicomweb.archive import JsonObject, Matches
from dicomweb.contexts import METADATA_OFFERS, Context, path_uid, query_string
from dicomweb.negotiation import choose
from dicomweb.problems import ProblemError, problem_response
from dicomweb.query import parameters
from dicomweb.services.data_sets import DataSetError
from dicomweb.services.exchange import (
    asked,
    cut,
    received_data_set,
    received_optional_data_set,
    several_data_sets,
    told,
)
from dicomweb.services.workitems.attributes import AFFECTED_SOP_INSTANCE_UID, RETURNED, SOP_INSTANCE_UID
from dicomweb.services.workitems.keeping import Step, TooManyWorkitems, Workitems
from dicomweb.services.workitems.states import WORDS, Status, WorkitemRefused
from dicomweb.services.workitems.steps import Workitem, canceled, created, moved, updated
from dicomweb.storing.members import uid_of
from dicomweb.uids import is_uid

_CONFLICT: Mapping[Status, HTTPStatus] = dict.fromkeys(Status, HTTPStatus.CONFLICT)
_CREATION = {**_CONFLICT, Status.NOT_CREATED_AS_SCHEDULED: HTTPStatus.BAD_REQUEST}
_UPDATE = {  # PS3.18 Table 11.6.3-1 has these among its bad requests
    **_CONFLICT,
    Status.MAY_NO_LONGER_BE_UPDATED: HTTPStatus.BAD_REQUEST,
    Status.TRANSACTION_UID_NOT_CORRECT: HTTPStatus.BAD_REQUEST,
}
_STATE = {**_CONFLICT, Status.SCHEDULED_BY_CREATION_ONLY: HTTPStatus.BAD_REQUEST}
_HARMLESS = frozenset({Status.ALREADY_CANCELED, Status.ALREADY_COMPLETED})
"""Refused because it has happened already: told as success, with a Warning."""
_UID_PARAMETERS = frozenset({"workitem", "transaction", "AffectedSOPInstanceUID", "TransactionUID", "transaction-uid"})


class WorkitemResources:
    """The endpoints; `workitems_for` gives what a request's caller may see, as `archive_for` does the archive."""

    def __init__(self, context: Context, workitems_for: Callable[[Request], Workitems]) -> None:
        self._context = context
        self._workitems_for = workitems_for

    async def search(self, request: Request) -> Response:
        """`GET /workitems` (11.9)."""
        offer, query = asked(request, self._context)

        def find() -> Matches:
            return self._workitems_for(request).search(query.search)

        try:
            matches = await to_thread.run_sync(find)
        except TooManyWorkitems as error:
            return problem_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error))
        items = [cut(members, query.search, RETURNED) for members in matches.items]
        return told(Matches(items, matches.remaining), offer, query, self._context.base_url(request))

    async def create(self, request: Request) -> Response:
        """`POST /workitems` (11.4); the UID comes in the query, in the data set, or from here."""
        members = await received_data_set(request, self._context)
        named = (_uid_of_query(request), uid_of(members, AFFECTED_SOP_INSTANCE_UID), uid_of(members, SOP_INSTANCE_UID))
        uid = next(filter(None, named), None) or _new_uid()
        if any(other not in (None, uid) for other in named):
            raise ProblemError(HTTPStatus.BAD_REQUEST, "the data set names another UID than the request")

        def add() -> None:
            self._workitems_for(request).add(created(uid, members, _now()))

        try:
            await to_thread.run_sync(add)
        except TooManyWorkitems as error:
            return problem_response(HTTPStatus.INSUFFICIENT_STORAGE, str(error))
        except DataSetError as error:
            raise ProblemError(HTTPStatus.BAD_REQUEST, str(error)) from None
        except WorkitemRefused as error:
            return self._refusal(request, error, _CREATION)
        return Response(status_code=HTTPStatus.CREATED, headers=self._at(request, uid, "Location"))

    async def retrieve(self, request: Request) -> Response:
        """`GET /workitems/{workitem}` (11.5)."""
        offer = choose(self._context.accepted(request), METADATA_OFFERS)
        uid = _path_uid(request)
        workitem = await to_thread.run_sync(lambda: self._workitems_for(request).find(uid))
        if workitem is None:
            raise _unknown()
        return several_data_sets([workitem.attributes], offer)

    async def update(self, request: Request) -> Response:
        """`POST /workitems/{workitem}` (11.6)."""
        uid, given = _path_uid(request), _uid_of_query(request)
        changes = await received_data_set(request, self._context)
        return await self._change(request, uid, lambda one: updated(one, changes, given, _now()), _UPDATE)

    async def change_state(self, request: Request) -> Response:
        """`PUT /workitems/{workitem}/state` (11.7)."""
        uid = _path_uid(request)
        change = await received_data_set(request, self._context)
        return await self._change(request, uid, lambda one: moved(one, change, _now()), _STATE)

    async def request_cancellation(self, request: Request) -> Response:
        """`POST /workitems/{workitem}/cancelrequest` (11.8)."""
        uid = _path_uid(request)
        reason: JsonObject = await received_optional_data_set(request, self._context)
        return await self._change(
            request, uid, lambda one: canceled(one, reason, _new_uid(), _now()), _CONFLICT, HTTPStatus.ACCEPTED
        )

    async def subscribe(self, request: Request) -> Response:  # noqa: ARG002 - as every endpoint is called
        """`/workitems/{workitem}/subscribers/{aetitle}` (11.10 to 11.12): left out."""
        return problem_response(HTTPStatus.NOT_IMPLEMENTED, "events of workitems are not sent: search for changes")

    async def _change(
        self,
        request: Request,
        uid: str,
        step: Step,
        statuses: Mapping[Status, HTTPStatus],
        done: HTTPStatus = HTTPStatus.OK,
    ) -> Response:
        headers = self._at(request, uid, "Content-Location")

        def change() -> Workitem | None:
            return self._workitems_for(request).change(uid, step)

        try:
            workitem = await to_thread.run_sync(change)
        except DataSetError as error:
            raise ProblemError(HTTPStatus.BAD_REQUEST, str(error)) from None
        except WorkitemRefused as error:
            if error.status not in _HARMLESS:
                return self._refusal(request, error, statuses)
            headers |= self._warning(request, error.status)
        else:
            if workitem is None:
                raise _unknown()
        return Response(status_code=done, headers=headers)

    def _refusal(self, request: Request, error: WorkitemRefused, statuses: Mapping[Status, HTTPStatus]) -> Response:
        code = f"{error.status:04X}"
        headers = self._warning(request, error.status)
        return problem_response(statuses[error.status], str(error), headers, dicom_status=code)

    def _warning(self, request: Request, status: Status) -> dict[str, str]:
        return {"Warning": f'299 {self._context.base_url(request)} "{WORDS[status]}"'}

    def _at(self, request: Request, uid: str, name: str) -> dict[str, str]:
        return {name: f"{self._context.base_url(request)}/workitems/{uid}"}


def _path_uid(request: Request) -> str:
    return path_uid(request, "workitem") or ""


def _uid_of_query(request: Request) -> str | None:
    """The UID that stands in the query, by itself as the standard has it, or under a name as many clients do.

    Raises:
        ProblemError: 400, it is no UID, or there are two.
    """
    found = [value or name for name, value in parameters(query_string(request)) if not value or name in _UID_PARAMETERS]
    if len(found) > 1 or not all(map(is_uid, found)):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "the query is not one UID")
    return found[0] if found else None


def _unknown() -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, "there is no such workitem")


def _new_uid() -> str:
    """A UID made from a random UUID (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid4().int}"


def _now() -> datetime:
    return datetime.now(UTC)
