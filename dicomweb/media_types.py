"""Media types with parameters, and lists of them with q values (RFC 9110 5.6.6, 8.3.1, 12.5.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_MAX_LENGTH = 8192
_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TYPE = re.compile(rf"\s*({_NAME})/({_NAME})\s*")
# Values may hold slashes though RFC 9110 wants them quoted then: `type=application/dicom` is common.
_PARAMETER = re.compile(rf';\s*({_NAME})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,"\s]*))\s*')
_EMPTY_PARAMETER = re.compile(r";\s*(?=[;,]|$)")


class MediaTypeError(ValueError):
    """Text that is no media type, or no list of them."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type or range: lower-case `type/subtype`, and parameters by lower-case name."""

    essence: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """A parameter's value, unquoted; None where it is absent."""
        return self.parameters.get(name)


@dataclass(frozen=True, slots=True)
class Preference:
    """One entry of an Accept list with its weight, 0 to 1."""

    media_type: MediaType
    quality: float


def parse_media_type(text: str) -> MediaType:
    """One media type, as in Content-Type.

    Raises:
        MediaTypeError: it is none.
    """
    media_type, end = _read(_bounded(text), 0)
    if end != len(text):
        raise MediaTypeError("no media type")
    return media_type


def parse_accept(text: str) -> list[Preference]:
    """The entries of an Accept list, best first; those of equal weight stay in order, those of q=0 are left out.

    Raises:
        MediaTypeError: it is no such list.
    """
    preferences = []
    position, text = 0, _bounded(text.rstrip(", \t"))
    while position < len(text):
        media_type, position = _read(text, position)
        preferences.append(_preference(media_type))
        if position < len(text):
            if text[position] != ",":
                raise MediaTypeError("no list of media types")
            position += 1
    return sorted((one for one in preferences if one.quality > 0), key=lambda one: -one.quality)


def _bounded(text: str) -> str:
    if len(text) > _MAX_LENGTH:
        raise MediaTypeError(f"longer than {_MAX_LENGTH} characters")
    return text


def _read(text: str, position: int) -> tuple[MediaType, int]:
    match = _TYPE.match(text, position)
    if match is None:
        raise MediaTypeError("no media type")
    parameters: dict[str, str] = {}
    position = match.end()
    while position < len(text) and text[position] == ";":
        parameter = _PARAMETER.match(text, position) or _EMPTY_PARAMETER.match(text, position)
        if parameter is None:
            raise MediaTypeError("a parameter of a media type has no value")
        if parameter.re is _PARAMETER:
            quoted, bare = parameter[2], parameter[3]
            value = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            parameters.setdefault(parameter[1].lower(), value)
        position = parameter.end()
    return MediaType(f"{match[1]}/{match[2]}".lower(), parameters), position


def _preference(media_type: MediaType) -> Preference:
    raw = media_type.get("q")
    if raw is None:
        return Preference(media_type, 1.0)
    if not re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", raw):
        raise MediaTypeError("a q value is none")
    parameters = {name: value for name, value in media_type.parameters.items() if name != "q"}
    return Preference(MediaType(media_type.essence, parameters), float(raw))
