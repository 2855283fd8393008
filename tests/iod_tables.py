"""What the standard asks of an object of a class: the current IOD and module tables, as highdicom ships them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from pydicom.dataset import Dataset

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
    modules: Sequence[Mapping[str, str]] = _table("iod_module_map")[iod]
    tables = _table("module_attribute_map")
    rows = (row for module in modules if module["usage"] in usages for row in tables.get(module["key"], ()))
    return tuple(Attribute(row["keyword"], row["type"], tuple(row["path"])) for row in rows)


def iod_faults(dataset: Dataset) -> list[str]:
    """What the object lacks of Type 1 and 2, at any depth, and what it has that its IOD does not know."""
    iod = iod_of(str(dataset.SOPClassUID))
    return [*_missing(dataset, iod), *_foreign(dataset, iod)]


def _missing(dataset: Dataset, iod: str) -> Iterator[str]:
    mandatory = set(attributes_of(iod, "M"))
    # What lies in a sequence is asked for wherever the sequence is there, whichever module it is of.
    nested = {attribute for attribute in attributes_of(iod, "CU") if attribute.path}
    for keyword, kind, path in sorted(mandatory | nested):
        if kind not in {"1", "2"} or (not path and (iod, keyword) in _CONDITIONAL_INSTEAD):
            continue
        for level in _levels(dataset, path):
            if keyword not in level or (kind == "1" and level[keyword].is_empty):
                yield f"{'.'.join((*path, keyword))} is of Type {kind} and {'empty' if keyword in level else 'absent'}"


def _levels(dataset: Dataset, path: tuple[str, ...]) -> Iterator[Dataset]:
    if not path:
        yield dataset
        return
    for item in dataset.get(path[0]) or ():
        yield from _levels(item, path[1:])


def _foreign(dataset: Dataset, iod: str) -> Iterator[str]:
    known = {attribute.keyword for attribute in attributes_of(iod, "MCU") if not attribute.path}
    for element in dataset:
        if element.keyword not in known:
            yield f"{element.keyword or element.tag}: not of this IOD"
