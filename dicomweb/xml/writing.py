"""The Native DICOM Model (PS3.19 A.1) out: a DICOM JSON object as an XML document."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pydicom.datadict import keyword_for_tag

from dicomweb.archive import JsonObject
from dicomweb.xml.names import NAME_COMPONENTS, NAME_GROUPS, NAMESPACE

_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<NativeDicomModel xmlns="{NAMESPACE}" xml:space="preserve">'
_TAIL = "</NativeDicomModel>"
_SPECIAL = re.compile('[&<>"\r\n\t\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]')
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


def to_xml(members: JsonObject) -> bytes:
    """The document of one data set in UTF-8.

    Characters that XML 1.0 cannot say, form feed and escape among them, become U+FFFD.

    Args:
        members: a DICOM JSON object as `dicom_json.to_json` makes it; its nesting is bounded there.
    """
    return "".join([_HEAD, *_data_set(members), _TAIL]).encode()


def _data_set(members: JsonObject) -> Iterator[str]:
    for tag, element in members.items():
        yield _attribute_head(tag, element["vr"], members)
        yield from _content(element)
        yield "</DicomAttribute>"


def _attribute_head(tag: str, vr: str, members: JsonObject) -> str:
    keyword = _keyword(tag)
    named = f' keyword="{keyword}"' if keyword else ""
    creator = _private_creator(tag, members)
    owned = f' privateCreator="{_escaped(creator)}"' if creator else ""
    return f'<DicomAttribute{named} tag="{tag}" vr="{vr}"{owned}>'


@lru_cache(maxsize=4096)
def _keyword(tag: str) -> str:
    return keyword_for_tag(int(tag, 16))


def _private_creator(tag: str, members: JsonObject) -> str | None:
    """Who reserved the block of a private element (PS3.5 7.8.1); None for others."""
    if int(tag[:4], 16) % 2 == 0 or tag[4:6] == "00":
        return None
    values = members.get(f"{tag[:4]}00{tag[4:6]}", {}).get("Value")
    return str(values[0]) if values else None


def _content(element: JsonObject) -> Iterator[str]:
    if "BulkDataURI" in element:
        yield f'<BulkData uri="{_escaped(element["BulkDataURI"])}"/>'
    elif "InlineBinary" in element:
        yield f"<InlineBinary>{element['InlineBinary']}</InlineBinary>"
    else:
        for number, value in enumerate(element.get("Value", ()), 1):
            if value is not None:
                yield from _value(element["vr"], number, value)


def _value(vr: str, number: int, value: Any) -> Iterator[str]:
    if vr == "SQ":
        yield f'<Item number="{number}">'
        yield from _data_set(value)
        yield "</Item>"
    elif vr == "PN":
        yield f'<PersonName number="{number}">'
        yield from _name_groups(value)
        yield "</PersonName>"
    else:
        yield f'<Value number="{number}">{_escaped(str(value))}</Value>'


def _name_groups(name: JsonObject) -> Iterator[str]:
    for group in NAME_GROUPS:
        if group in name:
            components = zip(NAME_COMPONENTS, name[group].split("^", len(NAME_COMPONENTS) - 1), strict=False)
            inner = "".join(f"<{tag}>{_escaped(text)}</{tag}>" for tag, text in components if text)
            yield f"<{group}>{inner}</{group}>"


def _escaped(text: str) -> str:
    """Text fit for an attribute or an element."""
    return _SPECIAL.sub(lambda match: _REFERENCES.get(match[0], "\ufffd"), text)
