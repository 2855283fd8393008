"""The Native DICOM Model (PS3.19 A.1) in: an XML document as a DICOM JSON object, read while it arrives.

No document type, hence no entity, is read; depth and number of elements are bounded. What is no Native DICOM
Model is refused rather than passed over, so that nothing that was sent is lost in silence.
"""

import re
from collections.abc import Iterable
from typing import Any, Protocol
from xml.parsers import expat

from dicomweb.archive import JsonObject
from dicomweb.xml.names import NAME_COMPONENTS, NAME_GROUPS, NAMESPACE

_SEPARATOR = " "
_TAG = re.compile(r"[0-9A-Fa-f]{8}")
_VR = re.compile(r"[A-Z]{2}")
_MAX_DEPTH = 160
_MAX_ELEMENTS = 200_000


class NativeModelError(ValueError):
    """No Native DICOM Model; the text says what is wrong and in which line, without values."""


def read_native_model(chunks: Iterable[bytes]) -> JsonObject:
    """The data set of one document.

    Values stay text, also those of numbers, as the JSON model allows (PS3.18 F.2.3).

    Args:
        chunks: the document's bytes; their sum is bounded by the caller.

    Raises:
        NativeModelError: it is no such document, nested too deeply, or has too many elements.
    """
    reader = _Reader()
    for chunk in chunks:
        reader.feed(chunk)
    return reader.close()


class _Frame(Protocol):
    """An element being read: which elements it may hold, and what to do at its end."""

    takes_text: bool

    def child(self, name: str, attributes: dict[str, str]) -> "_Frame": ...
    def finish(self, text: str) -> None: ...


class _Reader:
    """Holds the open elements and hands the parser's findings to the innermost."""

    def __init__(self) -> None:
        self._members: JsonObject = {}
        self._stack: list[_Frame] = [_Document(self._members)]
        self._text: list[str] = []
        self._elements = 0
        self._parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type

    def feed(self, chunk: bytes) -> None:
        self._parse(chunk, is_final=False)

    def close(self) -> JsonObject:
        self._parse(b"", is_final=True)
        return self._members

    def _parse(self, chunk: bytes, *, is_final: bool) -> None:
        try:
            self._parser.Parse(chunk, is_final)
        except expat.ExpatError as error:
            raise NativeModelError(f"no XML: {expat.ErrorString(error.code)}, line {error.lineno}") from None
        except (LookupError, UnicodeError):
            raise NativeModelError("the encoding of the XML document is not known") from None
        except _FaultError as fault:
            raise NativeModelError(f"{fault}, line {self._parser.CurrentLineNumber}") from None

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _MAX_ELEMENTS:
            raise _FaultError(f"more than {_MAX_ELEMENTS} XML elements")
        if len(self._stack) > _MAX_DEPTH:
            raise _FaultError(f"XML elements nested deeper than {_MAX_DEPTH}")
        namespace, _, name = qualified.rpartition(_SEPARATOR)
        if namespace not in ("", NAMESPACE):
            raise _FaultError("an element that is none of the Native DICOM Model")
        self._text.clear()
        self._stack.append(self._stack[-1].child(name, attributes))

    def _end(self, _name: str) -> None:
        self._stack.pop().finish("".join(self._text))
        self._text.clear()

    def _characters(self, text: str) -> None:
        if self._stack[-1].takes_text:
            self._text.append(text)
        elif text.strip():
            raise _FaultError("text where an element should be")

    def _refuse_document_type(self, *_declaration: Any) -> None:
        raise _FaultError("a document type is not taken")


class _FaultError(Exception):
    """What is wrong with the document, before its place is known."""


class _Document:
    takes_text = False

    def __init__(self, members: JsonObject) -> None:
        self._members = members

    def child(self, name: str, _attributes: dict[str, str]) -> _Frame:
        if name != "NativeDicomModel":
            raise _FaultError("the document is no NativeDicomModel")
        return _DataSet(self._members)

    def finish(self, text: str) -> None:
        """Never called: the parser ends with the outermost element."""


class _DataSet:
    takes_text = False

    def __init__(self, members: JsonObject) -> None:
        self._members = members

    def child(self, name: str, attributes: dict[str, str]) -> _Frame:
        if name != "DicomAttribute":
            raise _FaultError("something else than a DicomAttribute in a data set")
        tag, vr = attributes.get("tag", ""), attributes.get("vr", "")
        if not _TAG.fullmatch(tag) or not _VR.fullmatch(vr):
            raise _FaultError("a DicomAttribute without tag or vr")
        tag = tag.upper()
        if tag in self._members:
            raise _FaultError(f"({tag[:4]},{tag[4:]}) appears twice")
        element: JsonObject = {"vr": vr}
        self._members[tag] = element
        return _Attribute(element)

    def finish(self, text: str) -> None:
        """Its attributes are there already."""


class _Attribute:
    takes_text = False

    def __init__(self, element: JsonObject) -> None:
        self._element = element
        self._values: dict[int, Any] = {}

    def child(self, name: str, attributes: dict[str, str]) -> _Frame:
        if name == "BulkData":
            return self._bulk_data(attributes)
        if name == "InlineBinary":
            return _Text(self._element, "InlineBinary")
        number = self._number(attributes)
        if name == "Value":
            return _Text(self._values, number)
        self._values[number] = {}
        if name == "Item":
            return _DataSet(self._values[number])
        if name == "PersonName":
            return _Name(self._values[number])
        raise _FaultError("an element that no DicomAttribute has")

    def finish(self, _text: str) -> None:
        if self._values:
            self._element["Value"] = [self._values.get(number) for number in range(1, max(self._values) + 1)]

    def _number(self, attributes: dict[str, str]) -> int:
        text = attributes.get("number", "")
        if not (text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= 2 * len(self._values) + 64):
            raise _FaultError("a value without a usable number")
        if int(text) in self._values:
            raise _FaultError("two values of one number")
        return int(text)

    def _bulk_data(self, attributes: dict[str, str]) -> _Frame:
        if "uri" not in attributes:
            raise _FaultError("BulkData without uri")
        self._element["BulkDataURI"] = attributes["uri"]
        return _Empty()


class _Name:
    takes_text = False

    def __init__(self, groups: dict[str, str]) -> None:
        self._groups = groups

    def child(self, name: str, _attributes: dict[str, str]) -> _Frame:
        if name not in NAME_GROUPS or name in self._groups:
            raise _FaultError("an element that no PersonName has")
        return _NameGroup(self._groups, name)

    def finish(self, text: str) -> None:
        """Its groups are there already."""


class _NameGroup:
    takes_text = False

    def __init__(self, groups: dict[str, str], name: str) -> None:
        self._groups = groups
        self._name = name
        self._components: dict[str, str] = {}

    def child(self, name: str, _attributes: dict[str, str]) -> _Frame:
        if name not in NAME_COMPONENTS or name in self._components:
            raise _FaultError("an element that no person name has")
        return _Text(self._components, name)

    def finish(self, _text: str) -> None:
        self._groups[self._name] = "^".join(self._components.get(name, "") for name in NAME_COMPONENTS).rstrip("^")


class _Text:
    """An element that holds text only, put under a key."""

    takes_text = True

    def __init__(self, into: dict[Any, Any], key: int | str) -> None:
        self._into = into
        self._key = key

    def child(self, _name: str, _attributes: dict[str, str]) -> _Frame:
        raise _FaultError("an element inside a value")

    def finish(self, text: str) -> None:
        self._into[self._key] = text or None if isinstance(self._key, int) else text


class _Empty:
    takes_text = False

    def child(self, _name: str, _attributes: dict[str, str]) -> _Frame:
        raise _FaultError("an element inside BulkData")

    def finish(self, text: str) -> None:
        """It holds nothing."""
