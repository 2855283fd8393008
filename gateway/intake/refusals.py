"""How the intake's errors are told over HTTP: a status each, and the error's own stable `code` where it has one."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from dicomweb.archive import StoreStatus
from gateway.archive.errors import StorageError, StorageFull, StoreRefused, UnknownObject
from gateway.conversion import errors as conversion
from gateway.conversion.video.errors import VideoTooCostlyError, VideoTooLongError
from gateway.intake.idempotency import KeyInFlight, KeyReused
from gateway.intake.ordered import OrderRefused
from gateway.intake.outcome import Withdrawn
from gateway.intake.pictures import NoPicture
from gateway.intake.replaying import PhotoGone
from gateway.intake.submission import InvalidCursor, UnknownSubmission
from gateway.problems import Handler, problem_response
from gateway.review.cases import CaseConflict, PlaceTaken, UnknownCase
from gateway.review.labels import InvalidLabel
from inference import errors as inference

STATUSES: Mapping[type[Exception], int] = {
    UnknownSubmission: 404,
    NoPicture: 404,
    UnknownObject: 404,
    Withdrawn: 404,
    InvalidCursor: 422,
    UnknownCase: 404,
    CaseConflict: 409,
    PlaceTaken: 503,
    KeyInFlight: 409,
    KeyReused: 422,
    PhotoGone: 410,
    InvalidLabel: 422,
    OrderRefused: 422,
    StorageFull: 507,
    StorageError: 503,
    inference.NotAPicture: 415,
    inference.UnsupportedPicture: 415,
    inference.TruncatedPicture: 422,
    inference.TooManyPixels: 413,
    inference.TooSmall: 422,
    inference.ModelFailed: 503,
    conversion.UnsupportedFormatError: 415,
    conversion.UnsupportedCodingError: 415,
    conversion.DamagedPictureError: 422,
    conversion.TooManyPixelsError: 413,
    conversion.InvalidFactsError: 422,
    VideoTooLongError: 413,
    VideoTooCostlyError: 422,
}
"""The status of each error that has one and the same wherever it comes from."""

_OF_STORING: Mapping[StoreStatus, int] = {StoreStatus.OUT_OF_RESOURCES: 507, StoreStatus.PROCESSING_FAILURE: 503}
"""Those refusals of the archive that are not the photo's fault; the others are conflicts with what it holds."""

_SOON = {503: {"Retry-After": "1"}}


def install(app: FastAPI) -> None:
    """Let the application tell the intake's errors."""
    for error, status in STATUSES.items():
        app.add_exception_handler(error, _telling(status))
    app.add_exception_handler(StoreRefused, _store_refused)


def status_of_refusal(error: StoreRefused) -> int:
    """The HTTP status of an object the archive does not take."""
    return _OF_STORING.get(error.status, 409)


def members_of(error: Exception) -> dict[str, Any]:
    """What a problem document says of an error beside its words."""
    members: dict[str, Any] = {}
    if code := getattr(error, "code", None):
        members["code"] = code
    if isinstance(error, OrderRefused):
        members["errors"] = error.faults
    if isinstance(error, conversion.InvalidFactsError):
        fault = str(error).removeprefix(f"{error.field}: ")
        members["errors"] = [{"field": error.field, "fault": fault}]
    return members


def _telling(status: int) -> Handler:
    async def tell(_request: Request, error: Exception) -> Response:
        detail = str(error) or type(error).__doc__ or ""
        return problem_response(status, detail, headers=_SOON.get(status), **members_of(error))

    return tell


async def _store_refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, StoreRefused)
    status = status_of_refusal(error)
    return problem_response(status, error.detail, headers=_SOON.get(status))
