"""A posted photo's form: a bounded reader of multipart/form-data that never keeps more than it may.

The parsing itself is python-multipart's; this is the bookkeeping around it, fed chunk by chunk.
"""

import io
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from gateway.conversion.video.sniffing import HEAD_BYTES, is_video

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

PHOTO_FIELD = "photo"
MAX_FIELDS = 64
MAX_FIELD_BYTES = 16 * 1024
MAX_HEADER_BYTES = 4 * 1024


class FormError(Exception):
    """The form cannot be read."""


class NotAForm(FormError):
    """The body is not multipart/form-data with a boundary."""


class FormTooLarge(FormError):
    """The photo is larger than allowed."""


@dataclass(slots=True)
class PostedForm:
    """What was posted: the photo's bytes (None where the field is absent) and the text fields by name.

    `is_video` says that the photo is a video, whose bytes are not here: they were handed out as they came.
    """

    photo: bytes | None = None
    fields: dict[str, str] = field(default_factory=dict)
    is_video: bool = False


@dataclass(slots=True)
class _Part:
    name: str = ""
    header_name: bytearray = field(default_factory=bytearray)
    header_value: bytearray = field(default_factory=bytearray)
    disposition: bytes = b""
    header_bytes: int = 0
    data: io.BytesIO = field(default_factory=io.BytesIO)


class FormReader:
    """Push reader: `feed` chunks as they arrive, then `finish`; raises FormError as soon as a bound is passed.

    Where the photo turns out to be a video, `take_video` hands out what has arrived of it; the bound is then
    `max_video_bytes`.
    """

    def __init__(self, content_type: str, max_photo_bytes: int, max_video_bytes: int = 0) -> None:
        self._collected = _Collector(max_photo_bytes, max_video_bytes)
        self._parser = MultipartParser(_boundary(content_type), self._collected.callbacks())

    def feed(self, chunk: bytes) -> None:
        """Read the next bytes of the body; what follows the form's end is passed over."""
        if self._collected.ended:
            return
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise FormError(f"the multipart body is malformed: {error}") from error

    @property
    def is_video(self) -> bool:
        """Whether the photo is a video, as far as its first bytes have arrived."""
        return self._collected.form.is_video

    def take_video(self, at_least: int = 1) -> bytes:
        """What has arrived of the video since this was asked last; b"" while that is less than `at_least` bytes."""
        return self._collected.take_video(at_least)

    def finish(self) -> PostedForm:
        """The whole form; raises FormError where the body ended early."""
        if not self._collected.ended:
            raise FormError("the multipart body ends before its closing boundary")
        return self._collected.form


class _Collector:
    """What the parser tells, put together.

    It knows nothing of the parser, which knows it: in a circle the photos would stay in memory until the garbage
    collector comes by, and it counts objects, not bytes.
    """

    def __init__(self, max_photo_bytes: int, max_video_bytes: int) -> None:
        self.form = PostedForm()
        self.ended = False
        self._video = io.BytesIO()
        self._video_bytes = 0
        self._max_video_bytes = max_video_bytes
        self._part = _Part()
        self._parts = 0
        self._max_photo_bytes = max_photo_bytes

    def callbacks(self) -> "MultipartCallbacks":
        """What the parser calls."""
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def take_video(self, at_least: int) -> bytes:
        if self._video.tell() < at_least:
            return b""
        taken = self._video.getvalue()
        self._video = io.BytesIO()
        return taken

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_FIELDS:
            raise FormError(f"the form has more than {MAX_FIELDS} fields")
        self._part = _Part()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.header_name += self._header_bytes(data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.header_value += self._header_bytes(data[start:end])

    def _header_bytes(self, data: bytes) -> bytes:
        self._part.header_bytes += len(data)
        if self._part.header_bytes > MAX_HEADER_BYTES:
            raise FormError("a form field's header is too long")
        return data

    def _end_header(self) -> None:
        if bytes(self._part.header_name).lower() == b"content-disposition":
            self._part.disposition = bytes(self._part.header_value)
        self._part.header_name.clear()
        self._part.header_value.clear()

    def _end_headers(self) -> None:
        self._part.name = _field_name(self._part.disposition)
        if not self._part.name:
            raise FormError("a part of the form has no name")
        if self._part.name != PHOTO_FIELD and _is_file(self._part.disposition):
            raise FormError(f"the file belongs into the field {PHOTO_FIELD!r}, not {self._part.name[:64]!r}")
        if self._part.name == PHOTO_FIELD and self.form.photo is not None:
            raise FormError("the form has more than one photo; post each by itself")
        if self._part.name in self.form.fields:
            raise FormError(f"the field {self._part.name[:64]!r} is there twice")

    def _data(self, data: bytes, start: int, end: int) -> None:
        is_photo = self._part.name == PHOTO_FIELD
        if is_photo and self._begins_video(data, start, end):
            self.form.is_video = True
            self._video_data(memoryview(self._part.data.getvalue()))
        if is_photo and self.form.is_video:
            self._video_data(memoryview(data)[start:end])
            return
        limit = self._max_photo_bytes if is_photo else MAX_FIELD_BYTES
        if self._part.data.tell() + end - start > limit:
            what = "the photo" if is_photo else f"the field {self._part.name[:64]!r}"
            raise FormTooLarge(f"{what} is larger than {limit} bytes")
        self._part.data.write(memoryview(data)[start:end])

    def _begins_video(self, data: bytes, start: int, end: int) -> bool:
        """Whether the photo turns out to be a video now that these bytes have arrived as well.

        Where no video is taken, one is a photo of no known kind.
        """
        if self._max_video_bytes == 0 or self.form.is_video or self._part.data.tell() >= HEAD_BYTES:
            return False
        head = self._part.data.getvalue() + data[start : min(end, start + HEAD_BYTES)]
        return len(head) >= HEAD_BYTES and is_video(head[:HEAD_BYTES])

    def _video_data(self, data: memoryview) -> None:
        self._video_bytes += len(data)
        if self._video_bytes > self._max_video_bytes:
            raise FormTooLarge(f"the video is larger than {self._max_video_bytes} bytes")
        self._video.write(data)

    def _end_part(self) -> None:
        if self._part.name == PHOTO_FIELD:
            self.form.photo = b"" if self.form.is_video else self._part.data.getvalue()
            return
        try:
            self.form.fields[self._part.name] = self._part.data.getvalue().decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormError(f"the field {self._part.name[:64]!r} is not UTF-8") from error

    def _end(self) -> None:
        self.ended = True


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise NotAForm("post a photo as multipart/form-data with a boundary")
    if not 1 <= len(boundary) <= 70:
        raise NotAForm("the boundary must have 1 to 70 characters (RFC 2046 5.1.1)")
    return boundary.encode("utf-8", "surrogateescape")


def _field_name(disposition: bytes) -> str:
    name = _message(disposition).get_param("name", header="Content-Disposition")
    return name if isinstance(name, str) else ""


def _is_file(disposition: bytes) -> bool:
    """Whether a part is a file's content (RFC 7578 4.2), be its name written plainly or encoded."""
    return _message(disposition).get_param("filename", header="Content-Disposition") is not None


def _message(disposition: bytes) -> Message:
    message = Message()
    message["Content-Disposition"] = disposition.decode("utf-8", "replace").replace("\r", " ").replace("\n", " ")
    return message
