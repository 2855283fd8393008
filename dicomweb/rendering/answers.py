"""What answers a request for something to look at: found as it is stored, or still to be made. Blocking."""

from typing import Final

from dicomweb.archive import Span
from dicomweb.parts import MadeBytes, PartSource
from dicomweb.rendering.encoding import GIF, JPEG, PICTURES
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.kinds import Kind
from dicomweb.rendering.offers import PDF
from dicomweb.rendering.parameters import Rendering
from dicomweb.rendering.renderer import Renderer
from dicomweb.rendering.reports.content import read_report
from dicomweb.rendering.reports.layout import HTML, as_html, as_plain_text
from dicomweb.rendering.stored_pictures import all_of, stored_jpeg
from dicomweb.rendering.subjects import Subject

_DOCUMENT: Final = "00420011"


def source_of(
    subject: Subject, media_type: str, rendering: Rendering, renderer: Renderer, chunk_bytes: int, *, whole: bool
) -> PartSource:
    """Where the bytes of a representation come from; what must be made is `MadeBytes`.

    Args:
        subject: the frame, or the instance by its first frame.
        media_type: one of `offers.media_types`.
        rendering: how a picture is wanted.
        renderer: makes pictures.
        chunk_bytes: size of the pieces of what is stored.
        whole: whether the instance as a whole was asked for, and not a frame.

    Raises:
        NotRenderableError: there is nothing to make it of.
    """
    if media_type in PICTURES:
        return _picture(subject, media_type, rendering, renderer, chunk_bytes, whole=whole)
    if subject.kind is Kind.VIDEO:
        return all_of(subject, subject.spans, chunk_bytes)
    if media_type == PDF:
        return _document(subject, chunk_bytes)
    lay_out = as_html if media_type == HTML else as_plain_text
    return MadeBytes(lambda: lay_out(read_report(subject.members)))


def _picture(
    subject: Subject, media_type: str, rendering: Rendering, renderer: Renderer, chunk_bytes: int, *, whole: bool
) -> PartSource:
    if media_type == GIF and whole and subject.kind is Kind.FRAMES:
        return MadeBytes(lambda: renderer.animation_file(subject, rendering))
    if media_type == JPEG and (stored := stored_jpeg(subject, rendering, chunk_bytes)):
        return stored
    return MadeBytes(lambda: renderer.picture_file(subject, rendering, media_type))


def _document(subject: Subject, chunk_bytes: int) -> PartSource:
    spans = subject.archive.bulk_data(subject.instance, _DOCUMENT)
    if not spans or not subject.read(Span(spans[0].offset, min(spans[0].length, 5))).startswith(b"%PDF-"):
        raise NotRenderableError("the document is no PDF")
    return all_of(subject, spans, chunk_bytes)
