"""Content items of a structured report (PS3.3 C.17.3): a value type, a concept name, a value."""

from dataclasses import replace
from functools import lru_cache
from typing import Final, Literal

from gateway.conversion.findings.concepts import Concept
from gateway.conversion.findings.elements import Encoded, joined, sequence, text
from gateway.conversion.text import single_line

Relationship = Literal["CONTAINS", "HAS CONCEPT MOD", "HAS OBS CONTEXT", "HAS PROPERTIES"]

_CODE_VALUE: Final = 16
_LO: Final = 64
_CACHED: Final = 512


@lru_cache(maxsize=_CACHED)
def code_item(relationship: Relationship, name: Concept, value: Concept) -> Encoded:
    """A coded value."""
    return joined(_start(relationship, "CODE", name), sequence(0x0040A168, coded(value)))


def qualified_item(relationship: Relationship, name: Concept, value: Concept, *children: Encoded) -> Encoded:
    """A coded value with what is said of it."""
    return joined(code_item(relationship, name, value), *_children(children))


def text_item(relationship: Relationship, name: Concept, value: str, *children: Encoded) -> Encoded:
    """Unlimited text, which must not be empty, with what is said of it."""
    return joined(_start(relationship, "TEXT", name), text(0x0040A160, "UT", value), *_children(children))


def uid_item(relationship: Relationship, name: Concept, value: str) -> Encoded:
    """A UID."""
    return joined(_start(relationship, "UIDREF", name), text(0x0040A124, "UI", value))


def person_item(relationship: Relationship, name: Concept, value: str) -> Encoded:
    """A person's name, a PN."""
    return joined(_start(relationship, "PNAME", name), text(0x0040A123, "PN", value))


def number_item(relationship: Relationship, name: Concept, value: str, units: Concept) -> Encoded:
    """A number, written as a DS."""
    measured = joined(sequence(0x004008EA, coded(units)), text(0x0040A30A, "DS", value))
    return joined(_start(relationship, "NUM", name), sequence(0x0040A300, measured))


def image_item(
    relationship: Relationship, name: Concept, sop_class_uid: str, sop_instance_uid: str, frame: int | None = None
) -> Encoded:
    """A reference to an image: to all of its frames, or to one, counted from 1 (PS3.3 C.18.4)."""
    image = reference(sop_class_uid, sop_instance_uid)
    if frame is not None:
        image = joined(image, text(0x00081160, "IS", str(frame)))
    return joined(sequence(0x00081199, image), _start(relationship, "IMAGE", name))


def container_item(name: Concept, children: tuple[Encoded, ...], template: str = "") -> Encoded:
    """A container within another, made by a template of the DCMR where one is named."""
    return joined(text(0x0040A010, "CS", "CONTAINS"), container(name, children, template))


def container(name: Concept, children: tuple[Encoded, ...], template: str, between: Encoded | None = None) -> Encoded:
    """A container; `between` are the document's own attributes that lie between its tags, for the root."""
    return joined(
        text(0x0040A040, "CS", "CONTAINER"),
        sequence(0x0040A043, coded(name)),
        text(0x0040A050, "CS", "CONTINUOUS"),
        *(() if between is None else (between,)),
        *((_template(template),) if template else ()),
        *_children(children),
    )


def reference(sop_class_uid: str, sop_instance_uid: str) -> Encoded:
    """An item of a Referenced SOP Sequence."""
    return joined(text(0x00081150, "UI", sop_class_uid), text(0x00081155, "UI", sop_instance_uid))


@lru_cache(maxsize=_CACHED)
def coded(concept: Concept) -> Encoded:
    """An item of a code sequence (PS3.3 section 8); a value too long for SH is a Long Code Value."""
    scheme = text(0x00080102, "SH", concept.scheme)
    meaning = text(0x00080104, "LO", single_line(concept.meaning, _LO) or concept.code[:_LO])
    if len(concept.code) > _CODE_VALUE:
        code = joined(scheme, meaning, text(0x00080119, "UC", concept.code))
    else:
        code = joined(text(0x00080100, "SH", concept.code), scheme, meaning)
    return replace(code, schemes=frozenset({concept.scheme}))


@lru_cache(maxsize=_CACHED)
def _start(relationship: Relationship, value_type: str, name: Concept) -> Encoded:
    return joined(
        text(0x0040A010, "CS", relationship), text(0x0040A040, "CS", value_type), sequence(0x0040A043, coded(name))
    )


def _template(identifier: str) -> Encoded:
    return sequence(0x0040A504, joined(text(0x00080105, "CS", "DCMR"), text(0x0040DB00, "CS", identifier)))


def _children(children: tuple[Encoded, ...]) -> tuple[Encoded, ...]:
    return (sequence(0x0040A730, *children),) if children else ()
