"""WADO-RS over HTTP: `…/rendered` and `…/thumbnail` (PS3.18 10.4.1.1.3 and 10.4.1.1.4)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from dicomweb import wado
from dicomweb.archive import Archive, StoredInstance
from dicomweb.bodies import Answer
from dicomweb.conditions import is_known, not_modified
from dicomweb.contexts import Context, path_uid, query_string
from dicomweb.negotiation import Offer, choose
from dicomweb.problems import ProblemError
from dicomweb.query import parameters
from dicomweb.rendering.encoding import PICTURES
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.kinds import PICTURES as KINDS_OF_PICTURES
from dicomweb.rendering.kinds import Kind, kind_of
from dicomweb.rendering.offers import media_types, representative, several_offers, shown_instances, single_offers
from dicomweb.rendering.parameters import parse_rendering
from dicomweb.rendering.service import PictureService, View, Work, thumbnail_tag, warning_field
from dicomweb.rendering.subjects import Subject

_MAX_SEVERAL: Final = 1_000
_THUMBNAILS: Final = tuple(map(Offer, PICTURES))


class RenderedResources:
    """The endpoints of one application."""

    def __init__(self, context: Context, service: PictureService) -> None:
        self._context = context
        self._service = service

    async def rendered(self, request: Request) -> Response:
        """`GET …/rendered` of a study, a series, an instance or frames."""
        return await self._service.serve(lambda: self._rendered(request))

    async def thumbnail(self, request: Request) -> Response:
        """`GET …/thumbnail` of the same."""
        return await self._service.serve(lambda: self._thumbnail(request))

    # -- blocking from here on

    def _rendered(self, request: Request) -> Answer | Response | Work:
        accepted = self._context.accepted(request)
        parsed = parse_rendering(parameters(query_string(request)))
        subjects = _subjects(request, *self._find(request))
        whole = "frames" not in request.path_params
        if len(subjects) == 1:
            offer = choose(accepted, single_offers(subjects[0].instance, whole=whole))
        else:
            offer = choose(accepted, _offers_of_several(subjects, with_one=whole))
        if not offer.multipart:
            subjects = [_standing_for(subjects)]
        view = View(subjects, offer, parsed, whole)
        if is_known(request, view.tag):
            return not_modified(view.tag)
        return self._service.view(view, request, self._context.base_url(request))

    def _thumbnail(self, request: Request) -> Response | Work:
        parsed = parse_rendering(parameters(query_string(request)), thumbnail=True)
        offer = choose(self._context.accepted(request), _THUMBNAILS)
        archive, found = self._find(request)
        instance = representative(found)
        if instance is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, "there is no picture to make a thumbnail of")
        subject = Subject(archive, instance, _frame_numbers(request, instance)[0])
        viewport = parsed.rendering.viewport
        tag = thumbnail_tag(subject, viewport, offer.media_type)
        if is_known(request, tag):
            return not_modified(tag)
        warning = warning_field(parsed.warnings, self._context.base_url(request))
        return self._service.thumbnail(subject, viewport, offer.media_type, warning)

    def _find(self, request: Request) -> tuple[Archive, Sequence[StoredInstance]]:
        study, series, instance = (path_uid(request, name) for name in ("study", "series", "instance"))
        assert study is not None
        archive = self._context.archive_for(request)
        found = archive.find(study, series, instance)
        if not found:
            raise ProblemError(HTTPStatus.NOT_FOUND, "no such study, series or instance")
        return archive, found


def _subjects(request: Request, archive: Archive, found: Sequence[StoredInstance]) -> Sequence[Subject]:
    """What is shown of these instances; the frames of one where the path names them."""
    if "frames" in request.path_params:
        return [Subject(archive, found[0], number) for number in _frame_numbers(request, found[0])]
    shown = found if len(found) == 1 else shown_instances(found)
    if not shown:
        raise NotRenderableError("nothing of it can be shown")
    if len(shown) > _MAX_SEVERAL:
        raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {_MAX_SEVERAL} instances at once")
    return [Subject(archive, instance) for instance in shown]


def _frame_numbers(request: Request, instance: StoredInstance) -> Sequence[int]:
    """The frames named by the path, the first one where it names none."""
    if "frames" not in request.path_params:
        return [1]
    try:
        numbers = wado.parse_frame_list(request.path_params["frames"], instance.number_of_frames)
    except ValueError as error:
        raise ProblemError(HTTPStatus.BAD_REQUEST, str(error)) from None
    except IndexError as error:
        raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
    if kind_of(instance) is Kind.VIDEO and numbers != [1]:
        raise NotRenderableError("of a video the first frame is shown only")
    return numbers


def _offers_of_several(subjects: Sequence[Subject], *, with_one: bool) -> list[Offer]:
    """One type for all parts: pictures of videos too, and what the first is where there are no pictures."""
    first = subjects[0]
    types = PICTURES if first.kind in KINDS_OF_PICTURES else media_types(first.instance)
    return several_offers(types, with_one=with_one)


def _standing_for(subjects: Sequence[Subject]) -> Subject:
    """The one subject that stands for several."""
    chosen = representative([subject.instance for subject in subjects])
    return next((subject for subject in subjects if subject.instance is chosen), subjects[0])
