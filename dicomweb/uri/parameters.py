"""The query of a WADO-URI request (PS3.18 9.1.2): text in, values out. Faults are named by parameter."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dicomweb.media_types import MediaType, Preference, parse_accept
from dicomweb.query import QueryError
from dicomweb.rendering.image_facts import ImageFacts
from dicomweb.rendering.parameters import (
    Annotation,
    Region,
    Rendering,
    Viewport,
    decimal_of,
    edge_of,
    once,
    quality_of,
    window_of,
)
from dicomweb.uids import is_uid

_KNOWN: Final = frozenset(
    {
        *("requestType", "studyUID", "seriesUID", "objectUID", "contentType", "charset", "anonymize", "annotation"),
        *("transferSyntax", "frameNumber", "imageAnnotation", "imageQuality", "rows", "columns", "region"),
        *("windowCenter", "windowWidth", "presentationUID", "presentationSeriesUID"),
    }
)
_UNSUPPORTED: Final = ("presentationUID", "presentationSeriesUID")
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fractions:
    """A region in parts of the picture's edges, 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float

    def of(self, facts: ImageFacts) -> Region:
        """The region in pixels of a picture."""
        return Region(
            self.left * facts.columns,
            self.top * facts.rows,
            (self.right - self.left) * facts.columns,
            (self.bottom - self.top) * facts.rows,
        )


@dataclass(frozen=True, slots=True)
class UriRequest:
    """What a WADO-URI request asks for.

    Attributes:
        study_instance_uid, series_instance_uid, sop_instance_uid: the instance.
        accepted: what contentType names, best first; None without it.
        transfer_syntax_uid: of a DICOM file; None for the default.
        anonymize: whether the patient is to be taken out.
        frame_number: of a picture, from 1; None for the first or all.
        rendering: how a picture is wanted, but for its region.
        region: the part of the picture.
        warnings: what has to be said in Warning headers.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    accepted: Sequence[Preference] | None = None
    transfer_syntax_uid: str | None = None
    anonymize: bool = False
    frame_number: int | None = None
    rendering: Rendering = field(default_factory=Rendering)
    region: Fractions | None = None
    warnings: Sequence[str] = ()

    @property
    def wants_picture(self) -> bool:
        """Whether it says how a picture is wanted."""
        return self.frame_number is not None or self.region is not None or self.rendering != Rendering()


def parse_uri_request(pairs: Sequence[tuple[str, str]]) -> UriRequest:
    """The request of a decoded query; parameters that nobody defines are left aside.

    Raises:
        QueryError: a parameter is missing, doubled, or has a wrong value.
        MediaTypeError: contentType is no list of media types.
    """
    values = once(pairs, _KNOWN)
    if values.get("requestType") != "WADO":
        raise QueryError("requestType is not WADO")
    syntax = values.get("transferSyntax")
    if syntax is not None and syntax != "*" and not is_uid(syntax):
        raise QueryError("transferSyntax is no UID")
    warnings = [f"The {name} parameter is not supported." for name in _UNSUPPORTED if name in values]
    return UriRequest(
        study_instance_uid=_uid(values, "studyUID"),
        series_instance_uid=_uid(values, "seriesUID"),
        sop_instance_uid=_uid(values, "objectUID"),
        accepted=_accepted(values, syntax),
        transfer_syntax_uid=syntax,
        anonymize=_anonymize(values),
        frame_number=_frame_number(values),
        rendering=_rendering(values, warnings),
        region=_region(values["region"]) if "region" in values else None,
        warnings=warnings,
    )


def _uid(values: Mapping[str, str], name: str) -> str:
    uid = values.get(name, "").strip()
    if not is_uid(uid):
        raise QueryError(f"{name} is missing or no UID")
    return uid


def _accepted(values: Mapping[str, str], syntax: str | None) -> Sequence[Preference] | None:
    text = values.get("contentType")
    if not text:
        return None
    return [with_syntax(preference, syntax) for preference in parse_accept(text)]


def with_syntax(preference: Preference, syntax: str | None) -> Preference:
    """A preference for DICOM files in the transfer syntax that the query names beside it."""
    media_type = preference.media_type
    if syntax is None or media_type.essence not in ("application/dicom", "application/*", "*/*"):
        return preference
    parameters = {**media_type.parameters, "transfer-syntax": syntax}
    return Preference(MediaType(media_type.essence, parameters), preference.quality)


def _anonymize(values: Mapping[str, str]) -> bool:
    if values.get("anonymize", "yes") != "yes":
        raise QueryError("anonymize has no other value than yes")
    return "anonymize" in values


def _frame_number(values: Mapping[str, str]) -> int | None:
    text = values.get("frameNumber")
    if text is None:
        return None
    if not _DIGITS.fullmatch(text) or int(text) < 1:
        raise QueryError("frameNumber is no integer from 1")
    return int(text)


def _rendering(values: Mapping[str, str], warnings: list[str]) -> Rendering:
    center, width = values.get("windowCenter"), values.get("windowWidth")
    if (center is None) != (width is None):
        raise QueryError("windowCenter and windowWidth belong together")
    rows = edge_of(values["rows"], "rows") if "rows" in values else None
    columns = edge_of(values["columns"], "columns") if "columns" in values else None
    annotation = values.get("imageAnnotation", values.get("annotation"))
    return Rendering(
        annotations=_annotations(annotation, warnings) if annotation is not None else frozenset(),
        quality=quality_of(values["imageQuality"], "imageQuality") if "imageQuality" in values else None,
        viewport=Viewport(columns, rows) if rows or columns else None,
        window=window_of(center, width) if center is not None and width is not None else None,
    )


def _annotations(text: str, warnings: list[str]) -> frozenset[Annotation]:
    wanted = {part.strip() for part in text.split(",")}
    known = {each for each in Annotation if each.value in wanted}
    if len(known) < len(wanted):
        warnings.append("Some of the annotation values are not supported.")
    return frozenset(known)


def _region(text: str) -> Fractions:
    parts = text.split(",")
    if len(parts) != 4:
        raise QueryError("region is left,top,right,bottom")
    left, top, right, bottom = (decimal_of(part.strip(), "region") for part in parts)
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise QueryError("region: its edges are parts of the picture from 0 to 1, in order")
    return Fractions(left, top, right, bottom)
