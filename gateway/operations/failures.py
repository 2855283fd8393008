"""What is answered when the gateway itself fails: a problem document that gives nothing away."""

from sqlalchemy import exc
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from gateway.problems import problem_response


def install(app: Starlette) -> None:
    """Let the application tell its own failures; the log has where they happened."""
    for error in (exc.OperationalError, exc.InterfaceError, exc.TimeoutError):
        app.add_exception_handler(error, _database_failed)
    app.add_exception_handler(Exception, _failed)


async def _database_failed(_request: Request, _error: Exception) -> Response:
    # The error's own words hold the statement and its values.
    return problem_response(503, "the database does not answer at this moment", headers={"Retry-After": "5"})


async def _failed(request: Request, _error: Exception) -> Response:
    """What nobody foresaw; starlette raises it again afterwards, and uvicorn logs it and closes the connection."""
    request_id = getattr(request.state, "request_id", "")
    headers = {"X-Request-Id": request_id, "Connection": "close"}
    return problem_response(500, "something went wrong in the gateway", headers=headers)
