"""WADO-RS over HTTP: instances, metadata, frames and bulk data."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from dicomweb import wado
from dicomweb.answers import answer_parts, guarded
from dicomweb.archive import Archive, Span, StoredInstance
from dicomweb.at_once import FEW, ShortWay, takes_longer
from dicomweb.bodies import Answer, respond
from dicomweb.conditions import is_known, not_modified
from dicomweb.contexts import METADATA_OFFERS, Context, path_uid
from dicomweb.dicom_json import tag_key
from dicomweb.frame_decoding import FrameLayout, TranscodingError
from dicomweb.multipart import multipart_type, new_boundary
from dicomweb.negotiation import OCTET_STREAM, ZIP, NotAcceptableError, Offer, choose
from dicomweb.parts import MadeBytes, Part, StoredBytes, content_type
from dicomweb.problems import ProblemError
from dicomweb.transcoding import read_frame, to_explicit_little_endian
from dicomweb.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, NATIVE, frame_transfer_syntax
from dicomweb.zipping import zip_chunks, zip_names

_TAG_PATH = re.compile(r"[0-9A-F]{8}(/[1-9][0-9]{0,5}/[0-9A-F]{8}){0,32}")


class Retrieval:
    """The endpoints of one application; each does its work in one go, on the loop or in a worker thread."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ways = {kind: ShortWay(context.turn) for kind in ("instances", "metadata", "frames", "bulk data")}

    async def instances(self, request: Request) -> Response:
        """`GET /studies/{study}[/series/{series}[/instances/{instance}]]`."""
        return await respond(lambda: self._instances(request), self._ways["instances"])

    async def metadata(self, request: Request) -> Response:
        """The same, followed by `/metadata`."""
        return await respond(lambda: self._metadata(request), self._ways["metadata"])

    async def frames(self, request: Request) -> Response:
        """`GET …/instances/{instance}/frames/{frames}`."""
        return await respond(lambda: self._frames(request), self._ways["frames"])

    async def bulk_data(self, request: Request) -> Response:
        """`GET …/instances/{instance}/bulkdata/{path}`."""
        return await respond(lambda: self._bulk_data(request), self._ways["bulk data"])

    # -- blocking from here on, unless in a turn that has to be short

    def _find(self, request: Request) -> tuple[Archive, Sequence[StoredInstance]]:
        uids = [path_uid(request, name) for name in ("study", "series", "instance")]
        assert uids[0] is not None
        archive = self._context.archive_for(request)
        found = archive.find(uids[0], uids[1], uids[2])
        if not found:
            raise ProblemError(HTTPStatus.NOT_FOUND, "no such study, series or instance")
        if len(found) > FEW:
            takes_longer()
        return archive, found

    def _instances(self, request: Request) -> Answer | Response:
        accepted = self._context.accepted(request)
        archive, found = self._find(request)
        offer = choose(accepted, wado.dicom_offers(found))
        tag = wado.entity_tag(found, f"{offer.name} {offer.transfer_syntax_uid}")
        if is_known(request, tag):
            return not_modified(tag)
        base_url = self._context.base_url(request)
        parts = [self._instance_part(archive, instance, offer, base_url) for instance in found]
        if offer.media_type == ZIP:
            takes_longer()
            files = zip(zip_names(found), parts, strict=True)
            chunks = zip_chunks(files, deflate=offer.transfer_syntax_uid in NATIVE)
            return Answer(guarded(chunks), ZIP, {"ETag": tag})
        return answer_parts(request, parts, offer, tag)

    def _instance_part(self, archive: Archive, instance: StoredInstance, offer: Offer, base_url: str) -> Part:
        wants_explicit = offer.transfer_syntax_uid == EXPLICIT_VR_LITTLE_ENDIAN
        if not wants_explicit or instance.transfer_syntax_uid == EXPLICIT_VR_LITTLE_ENDIAN:
            return wado.stored_part(archive, instance, base_url, self._context.settings.chunk_bytes)
        return wado.made_part(instance, lambda: self._explicit(archive, instance), base_url)

    def _explicit(self, archive: Archive, instance: StoredInstance) -> bytes:
        with self._context.making.taken(), closing(archive.open(instance)) as file:
            return to_explicit_little_endian(file, archive.frames(instance), self._context.decoder)

    def _metadata(self, request: Request) -> Answer | Response:
        offer = choose(self._context.accepted(request), METADATA_OFFERS)
        archive, found = self._find(request)
        base_url = self._context.base_url(request)
        tag = wado.entity_tag(found, f"metadata {offer.media_type} {base_url}")
        if is_known(request, tag):
            return not_modified(tag)
        if not offer.multipart:
            return Answer(wado.metadata_chunks(archive, found, base_url), offer.media_type, {"ETag": tag})
        takes_longer()
        boundary = new_boundary()
        chunks = wado.metadata_xml_chunks(archive, found, base_url, boundary)
        return Answer(chunks, multipart_type(offer.media_type, boundary), {"ETag": tag})

    def _frames(self, request: Request) -> Answer | Response:
        accepted = self._context.accepted(request)
        archive, (instance, *_) = self._find(request)
        frames = archive.frames(instance)
        numbers = _frame_numbers(request.path_params["frames"], len(frames))
        if len(numbers) > FEW:
            takes_longer()
        offer = choose(accepted, wado.frame_offers(instance, single=len(numbers) == 1))
        location = f"{self._context.base_url(request)}{wado.instance_url(instance)}/frames/"
        chosen = [(f"{location}{number}", frames[number - 1]) for number in numbers]
        tag = wado.entity_tag([instance], f"{offer.name} {offer.transfer_syntax_uid} {numbers}")
        if is_known(request, tag):
            return not_modified(tag)
        return answer_parts(request, list(self._frame_parts(archive, instance, offer, chosen)), offer, tag)

    def _frame_parts(
        self,
        archive: Archive,
        instance: StoredInstance,
        offer: Offer,
        located: Iterable[tuple[str, Sequence[Span]]],
    ) -> Iterator[Part]:
        stored = offer.transfer_syntax_uid == frame_transfer_syntax(instance.transfer_syntax_uid)
        type_text = content_type(offer.media_type, offer.transfer_syntax_uid)
        layout = None if stored else _layout(archive, instance)
        for location, spans in located:
            source = self._stored_bytes(archive, instance, spans)
            yield wado.span_part(self._decoded(source, layout) if layout else source, type_text, location)

    def _stored_bytes(self, archive: Archive, instance: StoredInstance, spans: Sequence[Span]) -> StoredBytes:
        return StoredBytes(archive, instance, tuple(spans), self._context.settings.chunk_bytes)

    def _decoded(self, source: StoredBytes, layout: FrameLayout) -> MadeBytes:
        syntax = source.instance.transfer_syntax_uid

        def make() -> bytes:
            with self._context.making.taken(), closing(source.archive.open(source.instance)) as file:
                return self._context.decoder.decode(read_frame(file, source.spans), syntax, layout).data

        return MadeBytes(make)

    def _bulk_data(self, request: Request) -> Answer | Response:
        accepted = self._context.accepted(request)
        path = str(request.path_params["path"]).upper()
        archive, (instance, *_) = self._find(request)
        values = _bulk_values(archive, instance, path)
        encapsulated = _is_encapsulated_pixel_data(instance, path)
        offers = wado.frame_offers(instance, single=len(values) == 1) if encapsulated else wado.bulk_offers()
        offer = choose(accepted, offers)
        tag = wado.entity_tag([instance], f"{offer.name} {offer.transfer_syntax_uid} {path}")
        if is_known(request, tag):
            return not_modified(tag)
        location = f"{self._context.base_url(request)}{wado.instance_url(instance)}/bulkdata/{path}"
        located = [(location, spans) for spans in values]
        if encapsulated:
            return answer_parts(request, list(self._frame_parts(archive, instance, offer, located)), offer, tag)
        source = self._stored_bytes(archive, instance, values[0])
        return answer_parts(request, [wado.span_part(source, OCTET_STREAM, location)], offer, tag)


def _layout(archive: Archive, instance: StoredInstance) -> FrameLayout:
    (members,) = archive.metadata([instance])
    try:
        return FrameLayout.read(lambda tag: (members.get(tag_key(tag), {}).get("Value") or [None])[0])
    except TranscodingError as error:
        raise NotAcceptableError(str(error)) from error


def _is_encapsulated_pixel_data(instance: StoredInstance, path: str) -> bool:
    return path == wado.PIXEL_DATA_PATH and instance.transfer_syntax_uid not in NATIVE


def _bulk_values(archive: Archive, instance: StoredInstance, path: str) -> Sequence[Sequence[Span]]:
    """The value's spans, those of encapsulated pixel data frame by frame where its frames are known.

    Raises:
        ProblemError: 404, the instance has no such bulk value.
    """
    if _TAG_PATH.fullmatch(path):
        if _is_encapsulated_pixel_data(instance, path) and (frames := archive.frames(instance)):
            return frames
        if spans := archive.bulk_data(instance, path):
            return [spans]
    raise ProblemError(HTTPStatus.NOT_FOUND, "the instance has no such bulk data")


def _frame_numbers(text: str, number_of_frames: int) -> list[int]:
    try:
        return wado.parse_frame_list(text, number_of_frames)
    except ValueError as error:
        raise ProblemError(HTTPStatus.BAD_REQUEST, str(error)) from None
    except IndexError as error:
        raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
