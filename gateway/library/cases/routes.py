"""Reference cases over HTTP: list, count, look at one and its pictures, withdraw one. The intake adds them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from gateway.access.http import CallerDependency
from gateway.archive.errors import UnknownObject
from gateway.config import Settings
from gateway.conversion.body_sites import find_body_site
from gateway.conversion.codes.tables import current_codes
from gateway.language import Language, choose_language
from gateway.library.cases.documents import ReferenceCase, ReferenceCaseCounts, ReferenceCasePage, Sex
from gateway.library.cases.facts import band_from_words
from gateway.library.cases.keeping import MAX_PICTURES, TooManyPictures, UnknownCase
from gateway.library.cases.looking import CaseKeyReused, CaseLibrary, InvalidCursor
from gateway.library.cases.narrowing import CaseFilter
from gateway.library.cases.pictures import VIDEO_TYPE
from gateway.library.cases.showing import shown_case, shown_counts
from gateway.library.cases.streaming import stored_video
from gateway.library.resemblance.context import sites_within
from gateway.problems import Problem, problems

STATUSES: Mapping[type[Exception], int] = {
    UnknownCase: 404,
    UnknownObject: 404,
    InvalidCursor: 422,
    CaseKeyReused: 422,
    TooManyPictures: 409,
}

router = APIRouter(prefix="/library", tags=["library"], responses=problems(401, 403, 422))

CaseId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Number = Annotated[int, Path(ge=1, le=MAX_PICTURES)]
Word = Annotated[str | None, Query(max_length=64)]
AgeBand = Literal["0-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80-89", "90+"]

_BINARY = {"schema": {"type": "string", "format": "binary"}}


def _wanted(
    disease: Word = None, sex: Sex | None = None, age_band: AgeBand | None = None, body_site: Word = None
) -> CaseFilter:
    return CaseFilter(
        disease=disease,
        sex=sex,
        age_band=None if age_band is None else band_from_words(age_band),
        body_sites=None if body_site is None else _sites(body_site),
    )


Wanted = Annotated[CaseFilter, Depends(_wanted)]


@router.get("/cases")
def get_cases(
    *,
    request: Request,
    caller: CallerDependency,
    wanted: Wanted,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> ReferenceCasePage:
    """List the reference cases of the caller's hospitals, the newest first; a body site has its parts with it."""
    found, following = case_library(request).page(caller, wanted, limit=limit, cursor=cursor)
    language = language_of(request)
    return ReferenceCasePage(cases=[shown_case(each, language) for each in found], next=following)


@router.get("/cases/counts")
def get_case_counts(request: Request, caller: CallerDependency, wanted: Wanted) -> ReferenceCaseCounts:
    """Count the reference cases of the caller's hospitals by disease, narrowed down as the list is."""
    return shown_counts(case_library(request).counts(caller, wanted))


@router.get("/cases/{case_id}", responses=problems(404))
def get_case(request: Request, caller: CallerDependency, case_id: CaseId) -> ReferenceCase:
    """Give a reference case."""
    return shown_case(case_library(request).one(caller, case_id), language_of(request))


@router.get(
    "/cases/{case_id}/pictures/{number}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": _BINARY, "image/png": _BINARY}}, **problems(404)},
)
def get_case_picture(request: Request, caller: CallerDependency, case_id: CaseId, number: Number) -> Response:
    """Give one picture of a reference case, upright, with identifying markers removed."""
    picture = case_library(request).picture(caller, case_id, number)
    # Not kept by anybody for long: a case may be withdrawn.
    headers = {"Cache-Control": "private, max-age=60", "X-Content-Type-Options": "nosniff"}
    return Response(picture.data, media_type=picture.media_type, headers=headers)


@router.get(
    "/cases/{case_id}/pictures/{number}/video",
    response_class=Response,
    responses={200: {"content": {VIDEO_TYPE: _BINARY}}, 206: {"content": {VIDEO_TYPE: _BINARY}}, **problems(404, 416)},
)
def get_case_video(request: Request, caller: CallerDependency, case_id: CaseId, number: Number) -> Response:
    """Give the video that a picture of a reference case is a frame of; ranges of bytes may be asked for."""
    library = case_library(request)
    key = library.video(caller, case_id, number)
    return stored_video(library.storage, key, request.headers.get("range"))


@router.delete("/cases/{case_id}", status_code=204, responses=problems(404))
def delete_case(request: Request, caller: CallerDependency, case_id: CaseId) -> None:
    """Withdraw a reference case, with its pictures and what models made of them."""
    case_library(request).withdraw(caller, case_id)


def case_library(request: Request) -> CaseLibrary:
    """The reference cases of the running gateway."""
    library: CaseLibrary = request.app.state.case_library
    return library


def language_of(request: Request) -> Language:
    """What the caller reads."""
    settings: Settings = request.app.state.settings
    return choose_language(request.headers.get("accept-language"), settings.site.language)


def _sites(name: str) -> frozenset[str]:
    site = find_body_site(name)
    if site is None:
        fault = {"field": "body_site", "fault": "is no body site that is known (GET /api/v1/body-sites)"}
        raise Problem(422, "the request cannot be used as it is", errors=[fault])
    return sites_within(current_codes())[site.slug]
