"""Storage commitment over HTTP: `/commitment-requests/{transaction}` (PS3.18 13)."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from dicomweb.contexts import Context, path_uid
from dicomweb.negotiation import choose
from dicomweb.problems import ProblemError
from dicomweb.services.commitment.documents import read_request, response
from dicomweb.services.commitment.values import Commitments, TransactionInUse, Verdict
from dicomweb.services.data_sets import DataSetError
from dicomweb.services.exchange import ONE_OFFERS, one_data_set, received_data_set


class CommitmentResources:
    """The endpoints; a request is answered with its result, which can be asked for again."""

    def __init__(self, context: Context, commitments_for: Callable[[Request], Commitments]) -> None:
        self._context = context
        self._commitments_for = commitments_for

    async def commit(self, request: Request) -> Response:
        """`POST /commitment-requests/{transaction}` (13.4)."""
        offer = choose(self._context.accepted(request), ONE_OFFERS)
        transaction_uid = _transaction_uid(request)
        members = await received_data_set(request, self._context)
        try:
            references = read_request(members, self._context.settings.max_committed_instances)
        except DataSetError as error:
            raise ProblemError(HTTPStatus.BAD_REQUEST, str(error)) from None

        def check() -> Sequence[Verdict]:
            return self._commitments_for(request).commit(transaction_uid, references)

        try:
            verdicts = await to_thread.run_sync(check)
        except TransactionInUse:
            raise ProblemError(HTTPStatus.CONFLICT, "the Transaction UID is in use") from None
        return one_data_set(response(verdicts), offer)

    async def result(self, request: Request) -> Response:
        """`GET /commitment-requests/{transaction}` (13.5)."""
        offer = choose(self._context.accepted(request), ONE_OFFERS)
        transaction_uid = _transaction_uid(request)
        verdicts = await to_thread.run_sync(lambda: self._commitments_for(request).result(transaction_uid))
        if verdicts is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, "there is no such request")
        return one_data_set(response(verdicts), offer)


def _transaction_uid(request: Request) -> str:
    return path_uid(request, "transaction") or ""
