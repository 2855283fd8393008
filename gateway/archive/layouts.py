"""Where frames and bulk values lie in a file, as the index keeps it."""

from collections.abc import Mapping, Sequence
from typing import Any

from dicomweb.archive import Span
from dicomweb.walker import BulkValue

Layout = dict[str, Any]
"""`frames`: spans of each frame; `bulk`: tag path -> spans. A span is [offset, length] in bytes."""


def to_layout(frames: Sequence[Sequence[Span]], bulk: Mapping[str, BulkValue]) -> Layout:
    """The layout as JSON."""
    return {
        "frames": [_pairs(frame) for frame in frames],
        "bulk": {path: _pairs(value.spans) for path, value in bulk.items()},
    }


def frames_of(layout: Layout) -> list[list[Span]]:
    """The spans of each frame."""
    return [_spans(frame) for frame in layout["frames"]]


def bulk_of(layout: Layout, path: str) -> list[Span]:
    """The spans of the bulk value at a tag path, empty where there is none."""
    return _spans(layout["bulk"].get(path, ()))


def _pairs(spans: Sequence[Span]) -> list[list[int]]:
    return [[span.offset, span.length] for span in spans]


def _spans(pairs: Sequence[Sequence[int]]) -> list[Span]:
    return [Span(offset, length) for offset, length in pairs]
