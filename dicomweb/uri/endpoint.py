"""WADO-URI over HTTP: one instance, named in the query (PS3.18 section 9)."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from http import HTTPStatus
from io import BytesIO
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from dicomweb import wado
from dicomweb.answers import answer_single
from dicomweb.archive import Archive, StoredInstance
from dicomweb.bodies import Answer
from dicomweb.conditions import is_known, not_modified
from dicomweb.contexts import Context, query_string
from dicomweb.frame_decoding import FrameDecoder
from dicomweb.media_types import Preference
from dicomweb.negotiation import DICOM, NotAcceptableError, Offer, choose
from dicomweb.parts import MadeBytes, Part, content_type
from dicomweb.problems import ProblemError
from dicomweb.query import QueryError, parameters
from dicomweb.rendering.kinds import Kind, kind_of
from dicomweb.rendering.offers import media_types
from dicomweb.rendering.parameters import ParsedRendering
from dicomweb.rendering.service import PictureService, View, Work
from dicomweb.rendering.subjects import Subject
from dicomweb.transcoding import to_explicit_little_endian
from dicomweb.uri.anonymizing import anonymized
from dicomweb.uri.parameters import UriRequest, parse_uri_request, with_syntax

_IMAGES: Final = frozenset({Kind.IMAGE, Kind.FRAMES})


class UriResource:
    """The endpoint of one application."""

    def __init__(self, context: Context, service: PictureService) -> None:
        self._context = context
        self._service = service

    async def get(self, request: Request) -> Response:
        """`GET ?requestType=WADO&studyUID=…&seriesUID=…&objectUID=…`."""
        return await self._service.serve(lambda: self._get(request))

    # -- blocking from here on

    def _get(self, request: Request) -> Answer | Response | Work:
        wanted = parse_uri_request(parameters(query_string(request)))
        archive = self._context.archive_for(request)
        found = archive.find(wanted.study_instance_uid, wanted.series_instance_uid, wanted.sop_instance_uid)
        if not found:
            raise ProblemError(HTTPStatus.NOT_FOUND, "no such instance")
        instance = found[0]
        offer = choose(self._accepted(request, wanted), uri_offers(instance, wanted))
        if offer.media_type == DICOM:
            if wanted.frame_number is not None:
                raise QueryError("frameNumber is for pictures")
            return self._file(request, archive, instance, offer, anonymize=wanted.anonymize)
        return self._picture(request, archive, instance, offer, wanted)

    def _accepted(self, request: Request, wanted: UriRequest) -> Sequence[Preference]:
        if wanted.accepted is not None:
            return wanted.accepted
        accepted = self._context.accepted(request)
        return [with_syntax(preference, wanted.transfer_syntax_uid) for preference in accepted]

    def _picture(
        self, request: Request, archive: Archive, instance: StoredInstance, offer: Offer, wanted: UriRequest
    ) -> Answer | Response | Work:
        number = wanted.frame_number or 1
        if number > 1 and (number > instance.number_of_frames or kind_of(instance) is not Kind.FRAMES):
            raise QueryError("frameNumber: the instance has no such frame")
        subject = Subject(archive, instance, number)
        rendering = wanted.rendering
        if wanted.region is not None and kind_of(instance) in _IMAGES:
            rendering = replace(rendering, region=wanted.region.of(subject.facts))
        parsed = ParsedRendering(rendering, list(wanted.warnings))
        view = View([subject], offer, parsed, whole=wanted.frame_number is None)
        if is_known(request, view.tag):
            return not_modified(view.tag)
        return self._service.view(view, request, self._context.base_url(request))

    def _file(
        self, request: Request, archive: Archive, instance: StoredInstance, offer: Offer, *, anonymize: bool
    ) -> Answer | Response:
        tag = wado.entity_tag([instance], f"wado-uri {offer.transfer_syntax_uid} {anonymize}")
        if is_known(request, tag):
            return not_modified(tag)
        settings = self._context.settings
        is_stored = offer.transfer_syntax_uid in (instance.transfer_syntax_uid, wado.AS_STORED)
        if is_stored and not anonymize:
            part = wado.stored_part(archive, instance, self._context.base_url(request), settings.chunk_bytes)
        else:

            def make() -> bytes:
                with self._context.making.taken():
                    return _made(archive, instance, self._context.decoder, as_stored=is_stored, anonymize=anonymize)

            source = MadeBytes(make)
            part = Part({"Content-Type": content_type(DICOM, offer.transfer_syntax_uid)}, source)
        # Here clients compare the whole field, and are older than its parameter.
        return answer_single(request, replace(part, headers={**part.headers, "Content-Type": DICOM}), tag)


def uri_offers(instance: StoredInstance, wanted: UriRequest) -> list[Offer]:
    """As which types the instance can be had, the default first (PS3.18 9.1.2.2.1, 8.7.4).

    Raises:
        QueryError: it is to be anonymized, and is no image.
    """
    files = [offer for offer in wado.dicom_offers([instance]) if offer.media_type == DICOM and not offer.multipart]
    if wanted.anonymize:
        if kind_of(instance) not in _IMAGES:
            raise NotAcceptableError("who is meant cannot be taken out of what is no image")
        return files
    shown = [Offer(each) for each in media_types(instance, whole=wanted.frame_number is None)]
    first_files = kind_of(instance) in (Kind.FRAMES, Kind.VIDEO) and not wanted.wants_picture
    return [*files, *shown] if first_files or not shown else [*shown, *files]


def _made(
    archive: Archive, instance: StoredInstance, decoder: FrameDecoder, *, as_stored: bool, anonymize: bool
) -> bytes:
    """The file as it is not stored: uncompressed, without its patient, or both."""
    frames = archive.frames(instance)
    with closing(archive.open(instance)) as file:
        if as_stored:
            if instance.size_bytes > decoder.max_bytes:
                raise NotAcceptableError(f"it has more than {decoder.max_bytes} bytes")
            return anonymized(file, frames)
        made = to_explicit_little_endian(file, frames, decoder)
    return anonymized(BytesIO(made), ()) if anonymize else made
