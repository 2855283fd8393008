"""What the standard asks of an object of a class: the current IOD and module tables, as highdicom ships them.

The tables do not hold the conditions of Type 1C and 2C attributes and of conditional modules; those that our
objects can meet stand here.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydicom.dataset import Dataset
from pydicom.tag import Tag

_Condition = Callable[[Dataset], bool]


def _frames(dataset: Dataset) -> int:
    return int(dataset.get("NumberOfFrames", 1))


def _points_at(*keywords: str) -> _Condition:
    return lambda dataset: dataset.get("FrameIncrementPointer") in {Tag(keyword) for keyword in keywords}


def _never(_dataset: Dataset) -> bool:
    return False


def _always(_dataset: Dataset) -> bool:
    return True


_MODULE_IF: Final[Mapping[str, _Condition]] = {
    "cine": _points_at("FrameTime", "FrameTimeVector"),  # PS3.3 A.8.5.4
    "sc-multi-frame-vector": lambda dataset: _frames(dataset) > 1,
    "frame-of-reference": _never,  # nothing of ours lies in a room
    "specimen": _never,
    "frame-extraction": _never,
}
"""When a conditional module is there; it must not be otherwise."""

_REQUIRED_IF: Final[Mapping[str, _Condition]] = {
    "AnatomicRegionSequence": lambda dataset: "NumberOfFrames" in dataset,
    "FrameIncrementPointer": lambda dataset: _frames(dataset) > 1,
    "FrameTime": _points_at("FrameTime"),
    "FrameTimeVector": _points_at("FrameTimeVector"),
    "ImmersionMedia": lambda dataset: dataset.get("ContactMethod") == "CONTACT",
    "MultiplexedAudioChannelsDescriptionCodeSequence": _points_at("FrameTime"),  # every video syntax can hold sound
    "PageNumberVector": _points_at("PageNumberVector"),
    "PatientOrientation": _always,
    "PixelData": _always,
    "PlanarConfiguration": lambda dataset: dataset.get("SamplesPerPixel", 1) > 1,
    "SpecificCharacterSet": _always,
    "TrackingID": lambda dataset: "TrackingUID" in dataset,
    "TrackingUID": lambda dataset: "TrackingID" in dataset,
}
"""Conditions of Type 1C and 2C attributes; of the others none is met by what the gateway makes."""

_ONLY_IF: Final[Mapping[str, _Condition]] = {
    "FrameTime": _REQUIRED_IF["FrameTime"],
    "FrameTimeVector": _REQUIRED_IF["FrameTimeVector"],
    "ImmersionMedia": _REQUIRED_IF["ImmersionMedia"],
    "PageNumberVector": _REQUIRED_IF["PageNumberVector"],
    "PixelAspectRatio": lambda dataset: "PixelSpacing" not in dataset and _is_oblong(dataset.PixelAspectRatio),
    "PlanarConfiguration": _REQUIRED_IF["PlanarConfiguration"],
}
"""Conditions without which an attribute must not be there; dicom_checks looks for pixels that ask for a ratio."""

_CONDITIONAL_INSTEAD = {
    # PS3.3 C.8.6.3.1: SC Multi-frame Image says 1C (more than one frame) where Multi-frame itself says 1.
    ("multi-frame-true-color-secondary-capture-image", "FrameIncrementPointer"),
}


class Attribute(NamedTuple):
    """One row of a module table; `path` holds the sequences it lies in, outermost first."""

    keyword: str
    type: str
    path: tuple[str, ...]


@cache
def _table(name: str) -> Any:
    """One of the tables, read without importing highdicom, which takes a second."""
    spec = find_spec("highdicom")
    assert spec is not None
    assert spec.origin is not None
    return json.loads((Path(spec.origin).parent / "_standard" / f"{name}.json").read_text(encoding="utf-8"))


def iod_of(sop_class_uid: str) -> str:
    """The IOD's name in the tables."""
    return str(_table("sop_class_iod_map")[sop_class_uid])


@cache
def attributes_of(iod: str, usages: str) -> tuple[Attribute, ...]:
    """Every row of the IOD's modules of these usages (`M`, `C`, `U`)."""
    return tuple(row for key, usage in _modules(iod) if usage in usages for row in _rows(key))


def iod_faults(dataset: Dataset) -> list[str]:
    """What the object lacks of Type 1 and 2, at any depth, and what it has that its IOD does not know."""
    iod = iod_of(str(dataset.SOPClassUID))
    modules = [key for key, usage in _modules(iod) if usage != "C" or _MODULE_IF[key](dataset)]
    return [*_missing(dataset, iod, modules), *_misplaced(dataset), *_foreign(dataset, _known(tuple(modules)))]


@cache
def _modules(iod: str) -> tuple[tuple[str, str], ...]:
    listed: Sequence[Mapping[str, str]] = _table("iod_module_map")[iod]
    return tuple((module["key"], module["usage"]) for module in listed)


@cache
def _rows(module: str) -> tuple[Attribute, ...]:
    rows: Sequence[Any] = _table("module_attribute_map").get(module, ())
    return tuple(Attribute(row["keyword"], row["type"], tuple(row["path"])) for row in rows)


def _missing(dataset: Dataset, iod: str, modules: Sequence[str]) -> Iterator[str]:
    usages = dict(_modules(iod))
    there = [key for key in modules if usages[key] != "U" or _is_used(dataset, key, modules)]
    mandatory = {row for key in there for row in _rows(key)}
    # What lies in a sequence is asked for wherever the sequence is there, whichever module it is of.
    nested = {row for key in modules for row in _rows(key) if row.path}
    for row in sorted(mandatory | nested):
        if not row.path and (iod, row.keyword) in _CONDITIONAL_INSTEAD and row.type == "1":
            continue
        for level in _levels(dataset, row.path):
            if _is_required(row, level) and (row.keyword not in level or _is_empty(row, level)):
                state = "empty" if row.keyword in level else "absent"
                yield f"{'.'.join((*row.path, row.keyword))} is of Type {row.type} and {state}"


def _is_used(dataset: Dataset, module: str, modules: Sequence[str]) -> bool:
    """Whether an optional module is there: something is that no other module has."""
    others = {row.keyword for key in modules if key != module for row in _rows(key) if not row.path}
    own = {row.keyword for row in _rows(module) if not row.path} - others
    return any(element.keyword in own for element in dataset)


def _is_required(row: Attribute, level: Dataset) -> bool:
    if row.type in {"1", "2"}:
        return True
    condition = _REQUIRED_IF.get(row.keyword) if row.type in {"1C", "2C"} and not row.path else None
    return condition is not None and condition(level)


def _is_empty(row: Attribute, level: Dataset) -> bool:
    return row.type.startswith("1") and bool(level[row.keyword].is_empty)


def _levels(dataset: Dataset, path: tuple[str, ...]) -> Iterator[Dataset]:
    if not path:
        yield dataset
        return
    for item in dataset.get(path[0]) or ():
        yield from _levels(item, path[1:])


def _misplaced(dataset: Dataset) -> Iterator[str]:
    for keyword, condition in _ONLY_IF.items():
        if keyword in dataset and not condition(dataset):
            yield f"{keyword} stands where its condition does not hold"


def _is_oblong(ratio: Sequence[Any]) -> bool:
    return len(ratio) == 2 and min(map(int, ratio)) > 0 and int(ratio[0]) != int(ratio[1])


@cache
def _known(modules: tuple[str, ...]) -> Mapping[tuple[str, ...], frozenset[str]]:
    """Path -> what may stand there."""
    known: dict[tuple[str, ...], set[str]] = {}
    for row in (row for key in modules for row in _rows(key)):
        known.setdefault(row.path, set()).add(row.keyword)
    return {path: frozenset(keywords) for path, keywords in known.items()}


def _foreign(
    dataset: Dataset, known: Mapping[tuple[str, ...], frozenset[str]], path: tuple[str, ...] = ()
) -> Iterator[str]:
    for element in dataset:
        if element.keyword not in known.get(path, frozenset()):
            yield f"{'.'.join((*path, element.keyword or str(element.tag)))}: not of this IOD"
        elif element.VR == "SQ":
            for item in element.value:
                yield from _foreign(item, known, (*path, element.keyword))
