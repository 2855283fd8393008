"""The content tree of a structured report as plain words (PS3.3 C.17.3), apart from how they are laid out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dicomweb.archive import JsonObject
from dicomweb.rendering import members as json

_CONTENT: Final = "0040A730"
_CONCEPT_NAME: Final = "0040A043"
_MEANING: Final = "00080104"
_MAX_DEPTH: Final = 64
_NO_UNITS: Final = "1"


@dataclass(frozen=True, slots=True)
class Node:
    """A content item: its concept's name, its value in words ("" for a container), and what is said below it."""

    name: str
    value: str
    children: Sequence["Node"] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A report's title, what it says of itself and of its patient, by name, and its content."""

    title: str
    facts: Sequence[tuple[str, str]]
    content: Sequence[Node]


def read_report(members: JsonObject) -> Report:
    """The report in a header."""
    root = _node(members, 0)
    return Report(root.name or "Report", [(name, value) for name, value in _facts(members) if value], root.children)


def _facts(members: JsonObject) -> Sequence[tuple[str, str]]:
    observers = json.items(members, "0040A073")
    verified = [json.joined([_name(observer, "0040A075"), json.text(observer, "0040A030")]) for observer in observers]
    return [
        ("Patient", _name(members, "00100010")),
        ("Patient ID", json.text(members, "00100020")),
        ("Birth date", json.text(members, "00100030")),
        ("Sex", json.text(members, "00100040")),
        ("Study", json.joined([json.text(members, "00080020"), json.text(members, "00081030")])),
        ("Accession number", json.text(members, "00080050")),
        ("Content", json.joined([json.text(members, "00080023"), json.text(members, "00080033")])),
        ("State", json.joined([json.text(members, tag) for tag in ("0040A491", "0040A496", "0040A493")], ", ")),
        ("Verified by", "; ".join(verified)),
    ]


def _node(members: JsonObject, depth: int) -> Node:
    children = json.items(members, _CONTENT) if depth < _MAX_DEPTH else []
    name = json.text(json.first_item(members, _CONCEPT_NAME), _MEANING)
    read = _VALUES.get(json.text(members, "0040A040").strip())
    value = read(members) if read else _by_reference(members)
    return Node(name, value, [_node(child, depth + 1) for child in children])


def _by_reference(members: JsonObject) -> str:
    """An item that is said elsewhere in the tree (PS3.3 C.17.3.2.5)."""
    place = json.numbers(members, "0040DB73")
    return "see item " + ".".join(str(int(number)) for number in place) if place else ""


def _text(tag: str) -> Callable[[JsonObject], str]:
    return lambda members: json.text(members, tag)


def _name(members: JsonObject, tag: str) -> str:
    groups = [group.replace("^", " ").strip() for group in json.person_name(members, tag).values()]
    return f"{groups[0]} ({', '.join(groups[1:])})" if len(groups) > 1 else "".join(groups)


def _code(members: JsonObject) -> str:
    return _meaning(json.first_item(members, "0040A168"))


def _meaning(code: JsonObject) -> str:
    return json.text(code, _MEANING) or json.text(code, "00080100") or json.text(code, "00080119")


def _number(members: JsonObject) -> str:
    measured = json.first_item(members, "0040A300")
    if not measured:
        return _meaning(json.first_item(members, "0040A301"))  # why there is none
    units = json.first_item(measured, "004008EA")
    unit = json.text(units, "00080100")
    return json.joined([json.text(measured, "0040A30A"), "" if unit == _NO_UNITS else unit or _meaning(units)])


def _reference(members: JsonObject) -> str:
    referenced = json.first_item(members, "00081199")
    frames = ", ".join(str(int(number)) for number in json.numbers(referenced, "00081160"))
    return json.joined([json.text(referenced, "00081155"), frames and f"frame {frames}"], ", ")


def _coordinates(members: JsonObject) -> str:
    numbers = " ".join(f"{number:g}" for number in json.numbers(members, "00700022")[:64])
    return json.joined([json.text(members, "00700023") or json.text(members, "0040A130"), numbers], ": ")


_VALUES: Final[Mapping[str, Callable[[JsonObject], str]]] = {
    "CODE": _code,
    "COMPOSITE": _reference,
    "CONTAINER": lambda _members: "",
    "DATE": _text("0040A121"),
    "DATETIME": _text("0040A120"),
    "IMAGE": _reference,
    "NUM": _number,
    "PNAME": lambda members: _name(members, "0040A123"),
    "SCOORD": _coordinates,
    "SCOORD3D": _coordinates,
    "TCOORD": _coordinates,
    "TEXT": _text("0040A160"),
    "TIME": _text("0040A122"),
    "UIDREF": _text("0040A124"),
    "WAVEFORM": _reference,
}
