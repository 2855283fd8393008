"""Reference cases posted by staff: a photo with fields, cleaned as every photo that comes in."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gateway.access.caller import Caller
from gateway.access.http import CallerDependency, IdempotencyKey
from gateway.config import Settings
from gateway.conversion.clean import clean_picture
from gateway.intake.receive import receive_form
from gateway.intake.uploads import Uploads
from gateway.library.cases.documents import ReferenceCase
from gateway.library.cases.looking import FoundCase
from gateway.library.cases.pictures import PictureBytes
from gateway.library.cases.posting import CaseFields, InvalidCase, check_case
from gateway.library.cases.routes import case_library, language_of
from gateway.library.cases.showing import shown_case
from gateway.problems import Problem, problems
from inference.picture import sniff_format

router = APIRouter(prefix="/library", tags=["library"], responses=problems(401, 403, 422))

_CREATED: dict[int | str, dict[str, Any]] = {
    201: {"model": ReferenceCase, "description": "The case as it stands"},
    **problems(400, 404, 408, 409, 413, 415, 503, 507),
}


def _form_description(with_fields: bool) -> dict[str, Any]:
    nothing: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    fields = CaseFields.model_json_schema() if with_fields else nothing
    fields["properties"] = {"photo": {"type": "string", "format": "binary"}, **fields["properties"]}
    fields["required"] = ["photo", *fields["required"]]
    fields.pop("title", None)
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": fields}}}}


@router.post("/cases", status_code=201, openapi_extra=_form_description(True), responses=_CREATED)
async def post_case(request: Request, caller: CallerDependency, idempotency_key: IdempotencyKey = None) -> Response:
    """Add a de-identified case to the library of the caller's hospital: a photo, its disease, what else is known.

    The same request again, under the same `Idempotency-Key`, gives the same case. Whoever posts it answers for it
    that nobody can be known by the picture.
    """
    photo, said = await _posted(request, caller)
    fields = _checked(said)

    def add() -> FoundCase:
        picture = _clean(request, photo)
        digest = fields.digest(photo)
        return case_library(request).add(caller, fields.facts(), picture, digest=digest, key=idempotency_key)

    return await _answered(request, add)


@router.post("/cases/{case_id}/pictures", status_code=201, openapi_extra=_form_description(False), responses=_CREATED)
async def post_case_picture(
    request: Request, caller: CallerDependency, case_id: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
) -> Response:
    """Add one more picture to a reference case."""
    photo, said = await _posted(request, caller)
    if said:
        faults = [{"field": name[:64], "fault": "is not taken here"} for name in said]
        raise Problem(422, "the form's fields cannot be used as they are", errors=faults)
    return await _answered(request, lambda: case_library(request).add_picture(caller, case_id, _clean(request, photo)))


async def _posted(request: Request, caller: Caller) -> tuple[bytes, dict[str, str]]:
    """The photo and the fields, for who may add cases."""
    case_library(request).check_may_add(caller)  # said before the body is read
    settings: Settings = request.app.state.settings
    uploads: Uploads = request.app.state.uploads
    with uploads.hold() as hold:
        form = await receive_form(request, settings.intake.max_bytes, hold)
    if not form.photo:
        fault = {"field": "photo", "fault": "is missing or empty"}
        raise Problem(422, "the form's field 'photo' is missing or empty", errors=[fault])
    return form.photo, form.fields


async def _answered(request: Request, add: Callable[[], FoundCase]) -> Response:
    uploads: Uploads = request.app.state.uploads
    async with uploads.turn:
        found = await run_in_threadpool(add)
    document = shown_case(found, language_of(request))
    headers = {"Location": f"/api/v1/library/cases/{document.id}"}
    return Response(document.model_dump_json(), status_code=201, media_type="application/json", headers=headers)


def _clean(request: Request, photo: bytes) -> PictureBytes:
    """Without what identifies its owner; raises inference's and conversion's PictureError."""
    sniff_format(photo)
    settings: Settings = request.app.state.settings
    picture = clean_picture(photo, max_pixels=settings.intake.max_pixels)
    return PictureBytes(picture.stream, picture.media_type)


def _checked(fields: dict[str, str]) -> CaseFields:
    try:
        return check_case(fields)
    except InvalidCase as error:
        raise Problem(422, "the form's fields cannot be used as they are", errors=error.faults) from error
