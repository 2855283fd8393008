"""Reference cases posted by staff: a photo with fields, cleaned as every photo that comes in."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path as Location
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gateway.access.http import CallerDependency, IdempotencyKey
from gateway.config import Settings
from gateway.conversion.clean import clean_picture
from gateway.conversion.video.errors import VideoWorkFailed
from gateway.conversion.video.running import clean_video
from gateway.intake.receive import receive_form
from gateway.intake.scratch_video import ScratchVideo, scratch_video
from gateway.intake.uploads import Hold, Uploads
from gateway.intake.videos import WORKPLACE
from gateway.intake.wishes import video_wishes
from gateway.library.cases.documents import ReferenceCase
from gateway.library.cases.looking import FoundCase
from gateway.library.cases.pictures import PictureBytes
from gateway.library.cases.posting import CaseFields, InvalidCase, check_case
from gateway.library.cases.routes import case_library, language_of
from gateway.library.cases.showing import shown_case
from gateway.problems import Problem, problems
from inference.picture import sniff_format

router = APIRouter(prefix="/library", tags=["library"], responses=problems(401, 403, 422))

VIDEO_SECONDS = 120.0
"""How long the work on a posted video may take."""
_ONE_VIDEO = threading.Lock()
_LATER = {"Retry-After": "30"}

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
    """Add a de-identified case to the library of the caller's hospital: a photo or video, its disease, what is known.

    The same request again, under the same `Idempotency-Key`, gives the same case. Whoever posts it answers for it
    that nobody can be known by the picture.
    """
    library = case_library(request)
    library.check_may_add(caller)  # said before the body is read
    with _receiving(request) as (hold, scratch):
        posted = await _posted(request, hold, scratch)
        fields = _checked(posted.fields)
        digest = fields.digest(posted.digest(scratch))

        def add() -> FoundCase:
            with _clean(request, posted, scratch) as picture:
                return library.add(caller, fields.facts(), picture, digest=digest, key=idempotency_key)

        return await _answered(request, add)


@router.post("/cases/{case_id}/pictures", status_code=201, openapi_extra=_form_description(False), responses=_CREATED)
async def post_case_picture(
    request: Request, caller: CallerDependency, case_id: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
) -> Response:
    """Add one more picture or video to a reference case."""
    library = case_library(request)
    library.check_may_add(caller)
    with _receiving(request) as (hold, scratch):
        posted = await _posted(request, hold, scratch)
        if posted.fields:
            faults = [{"field": name[:64], "fault": "is not taken here"} for name in posted.fields]
            raise Problem(422, "the form's fields cannot be used as they are", errors=faults)

        def add() -> FoundCase:
            with _clean(request, posted, scratch) as picture:
                return library.add_picture(caller, case_id, picture)

        return await _answered(request, add)


@dataclass(frozen=True, slots=True)
class _Posted:
    """A form; `photo` is None for a video, which lies in a scratch file."""

    photo: bytes | None
    fields: dict[str, str]

    def digest(self, scratch: ScratchVideo) -> bytes:
        """What tells one photo or video from another."""
        return scratch.sha256 if self.photo is None else self.photo


@contextmanager
def _receiving(request: Request) -> Iterator[tuple[Hold, ScratchVideo]]:
    uploads: Uploads = request.app.state.uploads
    with uploads.hold() as hold, scratch_video(case_library(request).storage) as scratch:
        yield hold, scratch


async def _posted(request: Request, hold: Hold, scratch: ScratchVideo) -> _Posted:
    limits = _settings(request).intake
    form = await receive_form(
        request, limits.max_bytes, hold, max_video_bytes=limits.max_video_bytes, begin_video=lambda: scratch
    )
    if not form.photo and not form.is_video:
        fault = {"field": "photo", "fault": "is missing or empty"}
        raise Problem(422, "the form's field 'photo' is missing or empty", errors=[fault])
    return _Posted(None if form.is_video else form.photo, form.fields)


async def _answered(request: Request, add: Callable[[], FoundCase]) -> Response:
    uploads: Uploads = request.app.state.uploads
    async with uploads.turn:
        found = await run_in_threadpool(add)
    document = shown_case(found, language_of(request))
    headers = {"Location": f"/api/v1/library/cases/{document.id}"}
    return Response(document.model_dump_json(), status_code=201, media_type="application/json", headers=headers)


@contextmanager
def _clean(request: Request, posted: _Posted, scratch: ScratchVideo) -> Iterator[PictureBytes]:
    """What was posted without what identifies its owner; raises inference's and conversion's PictureError."""
    settings = _settings(request)
    if posted.photo is None:
        with _clean_video(settings, scratch) as picture:
            yield picture
        return
    sniff_format(posted.photo)
    cleaned = clean_picture(posted.photo, max_pixels=settings.intake.max_pixels)
    yield PictureBytes(cleaned.stream, cleaned.media_type)


@contextmanager
def _clean_video(settings: Settings, scratch: ScratchVideo) -> Iterator[PictureBytes]:
    """The video without its sound, and a frame of it; one at a time, since each has a process of its own."""
    if not _ONE_VIDEO.acquire(blocking=False):
        raise Problem(503, "another video is being worked on", headers=_LATER)
    wishes = replace(video_wishes(settings.intake), keep_sound=False, keep_hevc=False, stills=1)
    workplace = Location(settings.archive.storage) / WORKPLACE
    try:
        with clean_video(scratch.read(), wishes, workplace, seconds=VIDEO_SECONDS) as video:
            yield PictureBytes(video.stills[0].jpeg, "image/jpeg", video.path)
    except VideoWorkFailed as error:
        raise Problem(503, "the video could not be worked on", headers=_LATER) from error
    finally:
        _ONE_VIDEO.release()


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _checked(fields: dict[str, str]) -> CaseFields:
    try:
        return check_case(fields)
    except InvalidCase as error:
        raise Problem(422, "the form's fields cannot be used as they are", errors=error.faults) from error
