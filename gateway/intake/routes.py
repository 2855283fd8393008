"""Photos over HTTP: post one, look at it, list them, label it, delete it."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal, Self

import orjson
from fastapi import APIRouter, Body, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from starlette.concurrency import run_in_threadpool

from gateway.access.caller import Permission
from gateway.access.http import CallerDependency, IdempotencyKey
from gateway.config import Settings
from gateway.intake.documents import ShownCase, Submission, SubmissionPage
from gateway.intake.looking import Looking
from gateway.intake.outcome import Answer
from gateway.intake.receive import receive_form
from gateway.intake.request import InvalidFields, PhotoFields, check_fields
from gateway.intake.service import Intake
from gateway.intake.uploads import Uploads
from gateway.language import Language, choose_language
from gateway.problems import Problem, problems
from gateway.review.cases import UnknownCase
from gateway.review.label_feed import Source, Word
from gateway.review.labels import REASONS

router = APIRouter(tags=["photos"], responses=problems(401, 403, 422))

PhotoId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
DiseaseCode = Annotated[str, StringConstraints(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=200)]


def _form_description() -> dict[str, Any]:
    schema = PhotoFields.model_json_schema()
    schema["properties"] = {"photo": {"type": "string", "format": "binary"}, **schema["properties"]}
    schema["required"] = ["photo"]
    schema.pop("title", None)
    schema["description"] = "The photo, and what is said with it; each field but the photo may be left out."
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


_BINARY = {"schema": {"type": "string", "format": "binary"}}
_POSTED: dict[int | str, dict[str, Any]] = {
    201: {"model": Submission, "description": "The photo was judged, whichever way the verdict went"},
    202: {"model": Submission, "description": "The photo is kept and will be judged"},
    **problems(400, 408, 409, 410, 413, 415, 503, 507),
}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": _BINARY, "image/png": _BINARY}},
    304: {"description": "The picture is the one of the `If-None-Match`"},
    **problems(404, 503),
}


@router.post("/photos", status_code=201, openapi_extra=_form_description(), responses=_POSTED)
async def post_photo(
    request: Request,
    caller: CallerDependency,
    idempotency_key: IdempotencyKey = None,
    prefer: Annotated[str, Header(max_length=256)] = "",
) -> Response:
    """Post one photo or video.

    201 with the submission whichever way the verdict went; 202 with `Prefer: respond-async`, and always for a video.
    """
    intake: Intake = request.app.state.intake
    settings: Settings = request.app.state.settings
    uploads: Uploads = request.app.state.uploads
    caller.require(Permission.SUBMIT_PHOTOS)  # said before the body is read
    later = _is_preferred("respond-async", prefer)
    language = _language(request)
    with uploads.hold() as hold, intake.videos.drop() as drop:
        form = await receive_form(
            request,
            settings.intake.max_bytes,
            hold,
            max_video_bytes=settings.intake.max_video_bytes,
            begin_video=drop.begin,
        )
        if not form.photo and not form.is_video:
            raise Problem(
                422,
                "the form's field 'photo' is missing or empty",
                errors=[{"field": "photo", "fault": "is missing or empty"}],
            )
        fields = _checked(form.fields)
        post: Callable[..., Answer] = partial(intake.post, photo=form.photo or b"", later=later)
        if form.is_video:
            post = partial(intake.videos.post, drop=drop)
        async with uploads.turn:
            try:
                answer = await run_in_threadpool(
                    post, caller, fields, language=language, idempotency_key=idempotency_key
                )
            except UnknownCase as error:  # a wrong value here, where in a path it is a place that is not there
                raise Problem(422, str(error), errors=[{"field": "case_id", "fault": "is no case"}]) from error
    headers = {"Location": f"/api/v1/photos/{answer.submission_id}"}
    if later:
        headers["Preference-Applied"] = "respond-async"
    return Response(answer.body, status_code=answer.status, media_type="application/json", headers=headers)


@router.get("/photos", responses={200: {"model": SubmissionPage}})
def get_photos(
    request: Request,
    caller: CallerDependency,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """List photos, the newest first; hand `next` back as `cursor` for what follows."""
    photos, following = _looking(request).page(caller, limit=limit, cursor=cursor, language=_language(request))
    return _json({"photos": photos, "next": following})


@router.get("/photos/{photo_id}", responses={200: {"model": Submission}, **problems(404)})
def get_photo(request: Request, caller: CallerDependency, photo_id: PhotoId) -> Response:
    """Give a submission as it stands."""
    return _json(_looking(request).one(caller, photo_id, _language(request)))


@router.get("/photos/{photo_id}/picture", response_class=Response, responses=_PICTURE)
def get_picture(request: Request, caller: CallerDependency, photo_id: PhotoId) -> Response:
    """Give the photo's picture, upright, with identifying markers removed."""
    picture = _looking(request).picture(caller, photo_id)
    headers = {
        "Cache-Control": "private, max-age=3600",
        "ETag": f'"{photo_id}"',
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(picture.data, media_type=picture.media_type, headers=headers)


@router.delete("/photos/{photo_id}", status_code=204, responses=problems(404))
def delete_photo(request: Request, caller: CallerDependency, photo_id: PhotoId) -> None:
    """Delete a photo, its picture and its archived object."""
    _looking(request).delete(caller, photo_id)


@router.get("/cases/{case_id}", responses={200: {"model": ShownCase}, **problems(404)})
def get_case(request: Request, caller: CallerDependency, case_id: PhotoId) -> Response:
    """Give a case with its photos, the newest first."""
    return _json(_looking(request).case(caller, case_id, _language(request)))


class PostedLabel(BaseModel):
    """A doctor's word on a photo, or a rule's that a program posts for whoever holds its key."""

    model_config = ConfigDict(extra="forbid")

    usable: bool | None = None
    reason: Literal[REASONS] | None = None  # type: ignore[valid-type]  # the codes stand in one place
    diagnosis: DiseaseCode | None = Field(default=None, description="a code of GET /api/v1/diseases")
    alternatives: list[DiseaseCode] = Field(default=[], max_length=4, description="held possible beside the diagnosis")
    withdraw: Word | None = Field(default=None, description="what the caller said before and takes back")
    source: Source = "doctor"

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if [self.usable is None, self.diagnosis is None, self.withdraw is None].count(False) != 1:
            raise ValueError("give one of usable, diagnosis and withdraw")
        if self.usable is None and self.reason is not None:
            raise ValueError("reason goes with usable")
        if self.diagnosis is None and self.alternatives:
            raise ValueError("alternatives go with diagnosis")
        if self.source == "rule" and "diagnosis" in (self.withdraw, self.diagnosis and "diagnosis"):
            raise ValueError("a rule makes no diagnosis")
        return self


@router.post("/photos/{photo_id}/label", status_code=204, responses=problems(404, 413))
def post_label(
    request: Request, caller: CallerDependency, photo_id: PhotoId, label: Annotated[PostedLabel, Body()]
) -> None:
    """Say that a photo is usable, or unusable and why; or which disease it shows; or take back either."""
    looking = _looking(request)
    if label.withdraw is not None:
        looking.unsay(caller, photo_id, label.withdraw, label.source)
    elif label.diagnosis is not None:
        looking.diagnose(caller, photo_id, label.diagnosis, label.alternatives)
    else:
        usable = bool(label.usable)
        looking.label(caller, photo_id, usable=usable, reason=label.reason, source=label.source)


def _looking(request: Request) -> Looking:
    looking: Looking = request.app.state.looking
    return looking


def _checked(fields: dict[str, str]) -> PhotoFields:
    try:
        return check_fields(fields)
    except InvalidFields as error:
        raise Problem(422, "the form's fields cannot be used as they are", errors=error.faults) from error


def _is_preferred(preference: str, prefer: str) -> bool:
    """Whether a `Prefer` header names this preference (RFC 7240 2: tokens without regard to case, with parameters)."""
    return any(entry.partition(";")[0].strip().lower() == preference for entry in prefer.split(","))


def _language(request: Request) -> Language:
    settings: Settings = request.app.state.settings
    return choose_language(request.headers.get("accept-language"), settings.site.language)


def _json(document: Any) -> Response:
    return Response(orjson.dumps(document), media_type="application/json")
