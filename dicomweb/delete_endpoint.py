"""Deleting over HTTP: `DELETE /studies/{study}[/series/{series}[/instances/{instance}]]`.

No part of PS3.18; the archive knows whether the caller may do it.
"""

from http import HTTPStatus

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from dicomweb.contexts import Context, path_uid
from dicomweb.problems import ProblemError
from dicomweb.routing import Endpoint


def delete_endpoint(context: Context) -> Endpoint:
    """The endpoint that deletes; 204, or 404 where there is nothing of that kind within the caller's sight."""

    async def delete(request: Request) -> Response:
        study, series, instance = (path_uid(request, name) for name in ("study", "series", "instance"))
        assert study is not None
        deleted = await to_thread.run_sync(lambda: context.archive_for(request).delete(study, series, instance))
        if not deleted:
            raise ProblemError(HTTPStatus.NOT_FOUND, "no such study, series or instance")
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return delete
