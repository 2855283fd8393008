"""multipart/related (RFC 2387, RFC 2046 5.1): a push parser for what comes in, and framing for what goes out.

No sockets: `feed` takes bytes as they arrive and gives events. Nothing of a part is kept but the few bytes that
may be the beginning of a boundary.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_LINE_END = re.compile(rb"(--)?[ \t]*(\r\n)?")
_MAX_PADDING = 64


class MultipartError(ValueError):
    """A body that is no multipart body; the text says what is wrong."""


class MultipartTooLargeError(MultipartError):
    """More parts, or longer part headers, than allowed."""


@dataclass(frozen=True, slots=True)
class PartBegin:
    """A part begins. `headers` are its header fields, names in lower case."""

    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PartData:
    """Some bytes of the part; never empty."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The part is whole."""


Event = PartBegin | PartData | PartEnd


class _State(Enum):
    PREAMBLE = auto()
    HEADERS = auto()
    BODY = auto()
    EPILOGUE = auto()


class MultipartParser:
    """Parses one multipart body.

    Args:
        boundary: the boundary parameter, quotes removed.
        max_parts: how many parts are taken.
        max_header_bytes: how long one part's header block may be.

    Raises:
        MultipartError: the boundary is none.
    """

    def __init__(self, boundary: str, *, max_parts: int = 10_000, max_header_bytes: int = 16 * 1024) -> None:
        if not _BOUNDARY.fullmatch(boundary):
            raise MultipartError("the boundary parameter is none")
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        self._max_parts = max_parts
        self._max_header_bytes = max_header_bytes
        self._parts = 0
        self._lead = 0
        self._state = _State.PREAMBLE
        self._buffer = b"\r\n"  # so that a boundary in the very first line has its line break too
        self._at = 0
        """Where in the buffer what is not read yet begins: what is read is cut off once a feed, not once a part."""

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes of the body.

        Raises:
            MultipartError: MultipartTooLargeError among them.
        """
        self._buffer = self._buffer + data if self._buffer else data
        events: list[Event] = []
        steps = {_State.PREAMBLE: self._skip_preamble, _State.HEADERS: self._read_headers, _State.BODY: self._read_body}
        while self._state is not _State.EPILOGUE and steps[self._state](events):
            pass
        self._buffer = b"" if self._state is _State.EPILOGUE else self._buffer[self._at :]
        self._at = 0
        return events

    def finish(self) -> None:
        """Say that the body is over.

        Raises:
            MultipartError: its closing boundary has not been seen.
        """
        if self._state is _State.PREAMBLE:
            raise MultipartError("the body holds no boundary")
        if self._state is not _State.EPILOGUE:
            raise MultipartError(f"the body ends inside part {self._parts}: no closing boundary")

    @property
    def parts(self) -> int:
        """How many parts have begun."""
        return self._parts

    def _skip_preamble(self, _events: list[Event]) -> bool:
        start, end = self._find_delimiter()
        if end is None:
            self._at = start
            return False
        self._pass_boundary(end)
        return True

    def _read_body(self, events: list[Event]) -> bool:
        start, end = self._find_delimiter()
        begin = self._at + self._lead
        if start > begin:
            events.append(PartData(self._buffer[begin:start]))
        if start > self._at:
            self._lead = 0
        if end is None:
            self._at = start
            return False
        events.append(PartEnd())
        self._pass_boundary(end)
        return True

    def _find_delimiter(self) -> tuple[int, int | None]:
        """Where in the buffer the next boundary line begins and ends.

        Without a whole one: where the bytes end that surely come before any boundary, and None.
        """
        buffer, delimiter = self._buffer, self._delimiter
        search_from = self._at
        while (start := buffer.find(delimiter, search_from)) >= 0:
            after = start + len(delimiter)
            match = _LINE_END.match(buffer, after, after + _MAX_PADDING)
            assert match is not None
            if match[1] or match[2]:
                return start, after + (2 if match[1] else len(match[0]))
            if match.end() >= len(buffer) - 1:
                return start, None  # what follows the boundary has not arrived yet
            search_from = start + 1  # the boundary is only the beginning of a longer line: data
        return self._surely_before(max(search_from, len(buffer) - len(delimiter) + 1)), None

    def _surely_before(self, tail: int) -> int:
        """The first offset from `tail` on at which a boundary may begin."""
        at = self._buffer.find(b"\r", tail)
        return at if at >= 0 else len(self._buffer)

    def _pass_boundary(self, end: int) -> None:
        closing = self._buffer[end - 2 : end] == b"--"
        self._at = end
        if closing:
            self._state = _State.EPILOGUE
            return
        self._parts += 1
        if self._parts > self._max_parts:
            raise MultipartTooLargeError(f"more than {self._max_parts} parts")
        self._state = _State.HEADERS

    def _read_headers(self, events: list[Event]) -> bool:
        buffer, begin = self._buffer, self._at
        if buffer.startswith(b"\r\n", begin):
            block, end = b"", begin + 2
        else:
            at = buffer.find(b"\r\n\r\n", begin, begin + self._max_header_bytes + 4)
            if at < 0:
                if len(buffer) - begin > self._max_header_bytes:
                    raise MultipartTooLargeError(f"header of part {self._parts} over {self._max_header_bytes} bytes")
                return False
            block, end = buffer[begin:at], at + 4
        events.append(PartBegin(_parse_headers(block, self._parts)))
        # The line break that ends the header may be the one before the boundary, where the part is empty.
        self._lead = 2
        self._at = end - self._lead
        self._state = _State.BODY
        return True


def _parse_headers(block: bytes, part: int) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in block.decode("latin-1").split("\r\n") if block else ():
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise MultipartError(f"a header line of part {part} has no name")
        headers[name.strip().lower()] = value.strip()
    return headers


def new_boundary() -> str:
    """A boundary that no sender of content can foresee."""
    return secrets.token_hex(16)


def multipart_type(part_type: str, boundary: str) -> str:
    """The Content-Type of a body whose parts are of this type (RFC 2387 3.1)."""
    return f'multipart/related; type="{part_type}"; boundary={boundary}'


def part_head(boundary: str, headers: Mapping[str, str]) -> bytes:
    """The line break, boundary and header block that go before a part's bytes."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"\r\n--{boundary}\r\n{lines}\r\n".encode("latin-1")


def closing(boundary: str) -> bytes:
    """What goes behind the last part."""
    return f"\r\n--{boundary}--\r\n".encode("ascii")
