"""Rendering parameters of a query (PS3.18 8.3.5): text in, values out. Faults are named by parameter."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dicomweb.query import QueryError

_MAX_EDGE: Final = 32_768
_DECIMAL = re.compile(r"[+-]?(\d{1,9}(\.\d{0,9})?|\.\d{1,9})([eE][+-]?\d{1,2})?", re.ASCII)
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)
_PRINTABLE = re.compile(r"[A-Za-z0-9_\-]{1,32}")
_RENDERING: Final = frozenset({"annotation", "quality", "viewport", "window", "iccprofile"})


class Annotation(StrEnum):
    """What may be written onto a picture."""

    PATIENT = "patient"
    TECHNIQUE = "technique"


class WindowFunction(StrEnum):
    """How stored values become brightness (PS3.3 C.11.2.1.2.1 and C.11.2.1.3)."""

    LINEAR = "linear"
    LINEAR_EXACT = "linear-exact"
    SIGMOID = "sigmoid"


class ColorProfile(StrEnum):
    """Which ICC profile the picture is to have (8.3.5.1.5)."""

    NONE = "no"
    OWN = "yes"
    SRGB = "srgb"
    ADOBE_RGB = "adobergb"
    ROMM_RGB = "rommrgb"
    DISPLAY_P3 = "displayp3"


_ANNOTATIONS = frozenset(each.value for each in Annotation)
_FUNCTIONS = frozenset(each.value for each in WindowFunction)
_PROFILES = frozenset(each.value for each in ColorProfile)


@dataclass(frozen=True, slots=True)
class VoiWindow:
    """A window over modality values."""

    center: float
    width: float
    function: WindowFunction = WindowFunction.LINEAR


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the picture in its own pixels; None reaches to the edge, what is flipped is mirrored."""

    left: float = 0.0
    top: float = 0.0
    width: float | None = None
    height: float | None = None
    flipped_horizontally: bool = False
    flipped_vertically: bool = False


@dataclass(frozen=True, slots=True)
class Viewport:
    """The box into which the region is fitted, keeping its shape; None leaves that edge open."""

    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class Rendering:
    """How a picture is wanted; the default is the picture as it is stored."""

    annotations: frozenset[Annotation] = frozenset()
    quality: int | None = None
    viewport: Viewport | None = None
    region: Region | None = None
    window: VoiWindow | None = None
    profile: ColorProfile | None = None

    @property
    def key(self) -> str:
        """The same text for the same rendering in every process; sets have no order."""
        others = (self.quality, self.viewport, self.region, self.window, self.profile)
        return f"{sorted(self.annotations)} {others}"


@dataclass(frozen=True, slots=True)
class ParsedRendering:
    """A rendering, and what has to be said about it in Warning headers."""

    rendering: Rendering
    warnings: list[str] = field(default_factory=list)


def parse_rendering(pairs: Sequence[tuple[str, str]], *, thumbnail: bool = False) -> ParsedRendering:
    """The rendering that a decoded query asks for; parameters of other kinds are left aside.

    A thumbnail knows its viewport only (8.3.5.1.3): the others are left aside with a warning.

    Raises:
        QueryError: a parameter is doubled or has a wrong value.
    """
    values = once(pairs, _RENDERING)
    warnings: list[str] = []
    if thumbnail:
        for name in sorted(values.keys() - {"viewport"}):
            warnings.append(f"The {name} parameter is not supported for thumbnails.")
            del values[name]
    viewport, region = _viewport(values["viewport"]) if "viewport" in values else (None, None)
    if thumbnail and region is not None:
        raise QueryError("the viewport of a thumbnail has a width and a height only")
    rendering = Rendering(
        annotations=_annotations(values["annotation"], warnings) if "annotation" in values else frozenset(),
        quality=quality_of(values["quality"], "quality") if "quality" in values else None,
        viewport=viewport,
        region=region,
        window=_window(values["window"]) if "window" in values else None,
        profile=_profile(values["iccprofile"]) if "iccprofile" in values else None,
    )
    return ParsedRendering(rendering, warnings)


def once(pairs: Sequence[tuple[str, str]], names: frozenset[str]) -> dict[str, str]:
    """Those parameters that are among `names`.

    Raises:
        QueryError: one is given twice.
    """
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in names:
            if name in values:
                raise QueryError(f"{name} is given twice")
            values[name] = value
    return values


def _annotations(text: str, warnings: list[str]) -> frozenset[Annotation]:
    wanted = [part.strip() for part in text.split(",")]
    if not all(wanted):
        raise QueryError("annotation names nothing")
    known = _ANNOTATIONS.intersection(wanted)
    if unknown := [part if _PRINTABLE.fullmatch(part) else "?" for part in wanted if part not in known]:
        warnings.append(f"The following annotation values are not supported: {', '.join(unknown[:8])}")
    return frozenset(Annotation(part) for part in known)


def quality_of(text: str, name: str) -> int:
    """A quality of 1 to 100; raises QueryError."""
    if not _DIGITS.fullmatch(text) or not 1 <= int(text) <= 100:
        raise QueryError(f"{name} is no integer from 1 to 100")
    return int(text)


def _viewport(text: str) -> tuple[Viewport, Region | None]:
    parts = [part.strip() for part in text.split(",")]
    if not 2 <= len(parts) <= 6:
        raise QueryError("viewport is width,height and at most left,top,width,height of a region")
    viewport = Viewport(edge_of(parts[0], "viewport"), edge_of(parts[1], "viewport"))
    left, top, width, height = (
        decimal_of(part, "viewport") if part else None for part in (*parts[2:], "", "", "", "")[:4]
    )
    if left is top is width is height is None:
        return viewport, None
    if width == 0 or height == 0:
        raise QueryError("viewport: the region is empty")
    return viewport, Region(
        left=abs(left or 0.0),
        top=abs(top or 0.0),
        width=None if width is None else abs(width),
        height=None if height is None else abs(height),
        flipped_horizontally=width is not None and width < 0,
        flipped_vertically=height is not None and height < 0,
    )


def edge_of(text: str, name: str) -> int:
    """An edge of a viewport in pixels; raises QueryError."""
    if not _DIGITS.fullmatch(text) or not 1 <= int(text) <= _MAX_EDGE:
        raise QueryError(f"{name}: an edge is no integer from 1 to {_MAX_EDGE}")
    return int(text)


def decimal_of(text: str, name: str) -> float:
    """A decimal number; raises QueryError."""
    if not _DECIMAL.fullmatch(text) or not math.isfinite(number := float(text)):
        raise QueryError(f"{name}: a value is no decimal number")
    return number


def _window(text: str) -> VoiWindow:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 3 or parts[2] not in _FUNCTIONS:
        raise QueryError("window is center,width,function; functions are linear, linear-exact and sigmoid")
    return window_of(parts[0], parts[1], WindowFunction(parts[2]))


def window_of(center: str, width: str, function: WindowFunction = WindowFunction.LINEAR) -> VoiWindow:
    """A window of two decimal numbers; raises QueryError."""
    window = VoiWindow(decimal_of(center, "window"), decimal_of(width, "window"), function)
    if window.width < 1 if function is WindowFunction.LINEAR else window.width <= 0:
        raise QueryError("window: the width is too small")
    return window


def _profile(text: str) -> ColorProfile:
    if text not in _PROFILES:
        raise QueryError("iccprofile is none of " + ", ".join(sorted(_PROFILES)))
    return ColorProfile(text)
