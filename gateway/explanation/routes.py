"""Explanations over HTTP: what an answer stands on, in words and as a picture."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request, Response

from gateway.access.http import CallerDependency
from gateway.config import Settings
from gateway.explanation.documents import ShownExplanation
from gateway.explanation.errors import NothingToExplain, TooManyAsked
from gateway.explanation.service import Explaining, Layer
from gateway.intake.routes import PhotoId
from gateway.language import Language, choose_language
from gateway.problems import Problem, problems
from inference.errors import TookTooLong

router = APIRouter(tags=["photos"], responses=problems(401, 403, 404, 422, 503))

STATUSES: Mapping[type[Exception], int] = {NothingToExplain: 404}

_RETRY_SECONDS = "5"
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "The picture is the one of the `If-None-Match`"},
}

T = TypeVar("T")


@router.get("/photos/{photo_id}/explanation")
def get_explanation(request: Request, caller: CallerDependency, photo_id: PhotoId) -> ShownExplanation:
    """Tell what of the photo the first disease, or the fault it was rejected for, stands on; made when first asked."""
    return _soon(lambda: _explaining(request).shown(caller, photo_id, _language(request)))


@router.get("/photos/{photo_id}/explanation/picture", response_class=Response, responses=_PICTURE)
def get_explanation_picture(
    request: Request, caller: CallerDependency, photo_id: PhotoId, layer: Annotated[Layer, Query()] = "overlay"
) -> Response:
    """Give the photo with the map over it and a legend below; `layer=heat` gives the map alone, transparent."""
    drawing = _soon(lambda: _explaining(request).drawing(caller, photo_id, layer, _language(request)))
    headers = {
        "Cache-Control": "private, no-cache",
        "ETag": f'"{drawing.etag}"',
        "Vary": "Accept-Language",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(_soon(drawing.draw), media_type="image/png", headers=headers)


def _soon(act: Callable[[], T]) -> T:
    """Do it, or say when to ask again."""
    try:
        return act()
    except (TooManyAsked, TookTooLong) as error:
        raise Problem(503, str(error), headers={"Retry-After": _RETRY_SECONDS}) from error


def _explaining(request: Request) -> Explaining:
    explaining: Explaining = request.app.state.explaining
    return explaining


def _language(request: Request) -> Language:
    settings: Settings = request.app.state.settings
    return choose_language(request.headers.get("accept-language"), settings.site.language)
