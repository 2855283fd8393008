"""Searching instances held in memory: every one is looked at (PS3.4 C.4.1, PS3.18 10.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from dicomweb.archive import JsonObject, Level, Matches, Search, StoredInstance
from dicomweb.attributes import (
    AVAILABLE_TRANSFER_SYNTAX_UID,
    INSTANCE_AVAILABILITY,
    MODALITIES_IN_STUDY,
    MODALITY,
    REQUIRED_TAGS,
    SERIES_RELATED_INSTANCES,
    STUDY_RELATED_INSTANCES,
    STUDY_RELATED_SERIES,
    returned,
)
from dicomweb.dicom_json import tag_key
from dicomweb.matching import object_matches
from dicomweb.part10 import Part10
from dicomweb.transfer_syntaxes import available_syntaxes

_EMPTY_VRS = {
    tag_key(tag): vr
    for vr, tags in {
        "CS": (MODALITIES_IN_STUDY, MODALITY, 0x00100040),
        "DA": (0x00080020, 0x00100030),
        "IS": (0x00200011, 0x00200013),
        "LO": (0x00100020,),
        "PN": (0x00080090, 0x00100010),
        "SH": (0x00080050, 0x00200010),
        "TM": (0x00080030,),
    }.items()
    for tag in tags
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One instance kept in memory; `order` is the order of every answer.

    `order` holds the study UID, series number and UID, instance number and UID.
    """

    data: bytes
    part10: Part10
    instance: StoredInstance
    metadata: JsonObject
    order: tuple[str, int, str, int, str]


def search_entries(entries: Sequence[Entry], search: Search) -> Matches:
    """One page of the studies, series or instances that match; `entries` stand in their order."""
    matching = [row for row in _complete(entries) if object_matches(search.keys, row, fuzzy_names=search.fuzzy_names)]
    grouped = groupby(matching, key=lambda row: _identity_at(row, search.level))
    rows = [_row(list(group), search) for _, group in grouped]
    page = rows[search.offset : search.offset + search.limit]
    return Matches(page, max(0, len(rows) - search.offset - len(page)))


def _complete(entries: Sequence[Entry]) -> list[JsonObject]:
    """Each instance's attributes together with those that are counted or known by the archive (PS3.4 C.6.1.1)."""
    rows: list[JsonObject] = []
    for _, study in groupby(entries, key=lambda entry: entry.instance.study_instance_uid):
        in_study = list(study)
        by_series = [list(series) for _, series in groupby(in_study, key=lambda entry: entry.order[:3])]
        modalities = {value for entry in in_study for value in entry.metadata.get("00080060", {}).get("Value", [])}
        counted = {
            MODALITIES_IN_STUDY: _attribute("CS", *sorted(modalities)),
            STUDY_RELATED_SERIES: _attribute("IS", len({entry.instance.series_instance_uid for entry in in_study})),
            STUDY_RELATED_INSTANCES: _attribute("IS", len(in_study)),
        }
        rows += [_with_counts(entry, counted, len(series)) for series in by_series for entry in series]
    return rows


def _with_counts(entry: Entry, counted: dict[int, JsonObject], in_series: int) -> JsonObject:
    own = {
        INSTANCE_AVAILABILITY: _attribute("CS", "ONLINE"),
        AVAILABLE_TRANSFER_SYNTAX_UID: _attribute("UI", *available_syntaxes(entry.instance.transfer_syntax_uid)),
        SERIES_RELATED_INSTANCES: _attribute("IS", in_series),
        **counted,
    }
    return {**entry.metadata, **{tag_key(tag): attribute for tag, attribute in own.items()}}


def _attribute(vr: str, *values: object) -> JsonObject:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


_UIDS_OF = {
    Level.STUDY: ("0020000D",),
    Level.SERIES: ("0020000D", "0020000E"),
    Level.INSTANCE: ("0020000D", "0020000E", "00080018"),
}


def _identity_at(row: JsonObject, level: Level) -> tuple[str, ...]:
    return tuple(str(row[tag]["Value"][0]) for tag in _UIDS_OF[level])


def _row(group: Sequence[JsonObject], search: Search) -> JsonObject:
    """What is returned of a study, series or instance: attributes of its first instance."""
    first = group[0]
    row = {tag: member for tag, member in first.items() if returned(int(tag, 16), search.level, search.include)}
    for number in REQUIRED_TAGS[search.level]:
        tag = tag_key(number)
        row.setdefault(tag, {"vr": _EMPTY_VRS.get(tag, "LO")})
    return row
