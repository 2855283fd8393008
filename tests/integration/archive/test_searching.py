"""Searching: matching, levels, order and paging, scope; against a plain matcher as the oracle."""

from collections.abc import Sequence
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from dicomweb.archive import Level, Search
from dicomweb.dicom_json import to_json
from dicomweb.matching import object_matches
from gateway.access.audit import Action
from gateway.access.caller import Caller, NotPermitted, Role, Scope
from gateway.archive.match_keys import SUPPORTED_KEYS
from gateway.archive.searching import find_page
from gateway.archive.service import ArchiveService
from gateway.archive.tables import PatientRow
from gateway.database import Database
from gateway.reading import Row
from tests.integration.archive.acts import EVERYWHERE, HERE, THERE, last_audit, search, store, values
from tests.unit.archive.samples import photo, set_unchecked


def request(step: str, procedure: str) -> Dataset:
    item = Dataset()
    item.ScheduledProcedureStepID, item.RequestedProcedureID = step, procedure
    return item


OBJECTS: list[dict[str, Any]] = [
    {"PatientID": "A1", "PatientName": "HONG^Gildong=洪^吉洞=홍^길동", "StudyDate": "20250101", "StudyTime": "08"},
    {"PatientID": "A2", "PatientName": "Hongseok^M", "StudyDate": "20250630", "StudyTime": "235959.9",
     "Modality": "DMS"},
    {"PatientID": "a1", "PatientName": "김^철수", "StudyDate": "20260101", "AccessionNumber": "50%_[x]",
     "PatientSex": "M"},
    {"PatientID": "B_1", "PatientName": "Ärger^Jörg", "StudyDate": "", "StudyTime": "", "StudyID": "S*2",
     "SeriesNumber": 7},
    {"PatientID": "C", "PatientName": "", "ReferringPhysicianName": "Park^Doctor", "StudyDate": "20260215",
     "InstanceNumber": 12},
    {"PatientID": "D", "PatientName": "O'Hara^Ann^M^Dr", "StudyDescription": "", "PatientBirthDate": "",
     "AccessionNumber": ""},
]  # fmt: skip


@pytest.fixture
def objects(archive: ArchiveService) -> Sequence[Dataset]:
    """One object a study, stored."""
    made = [photo(**attributes) for attributes in OBJECTS]
    for number, ds in enumerate(made):
        ds.RequestAttributesSequence = Items([request(f"SPS{number}", "RP1"), request("SPS", f"RP{number}")])
        ds.PerformedProcedureStepStartDate, ds.PerformedProcedureStepStartTime = f"2026010{number + 1}", "1200"
    assert all(outcome.status == 0 for outcome in store(archive, *made))
    return made


KEYS: list[dict[str, Any]] = [
    {},
    {"PatientID": ""},
    {"PatientName": "*"},
    {"PatientID": "A1"},
    {"PatientID": "A*"},
    {"PatientID": "?1"},
    {"PatientID": "B_1"},
    {"PatientID": "B?1"},
    {"PatientID": "*1"},
    {"PatientID": "nobody"},
    {"PatientName": "hong^gildong"},
    {"PatientName": "hong*"},
    {"PatientName": "홍*"},
    {"PatientName": "*철수"},
    {"PatientName": "洪^吉洞"},
    {"PatientName": "*^吉?"},
    {"PatientName": "HONG^Gildong=洪^吉洞=홍^길동"},
    {"PatientName": "ärger*"},
    {"PatientName": "*ÖRG"},
    {"PatientName": "o'hara^ann^m^dr"},
    {"PatientName": "hong"},
    {"PatientSex": "M"},
    {"PatientBirthDate": "19800101"},
    {"PatientBirthDate": "-19801231"},
    {"AccessionNumber": "50%_[x]"},
    {"AccessionNumber": "50%*"},
    {"AccessionNumber": "*[x]"},
    {"AccessionNumber": "%"},
    {"AccessionNumber": "_1"},
    {"StudyID": "S?2"},
    {"StudyDescription": "Mole*"},
    {"StudyDate": "20250101"},
    {"StudyDate": "20250101-20250630"},
    {"StudyDate": "20250631-"},
    {"StudyDate": "-20250101"},
    {"StudyTime": "08"},
    {"StudyTime": "0800-1015"},
    {"StudyTime": "2359-"},
    {"StudyDate": "20260101-", "StudyTime": "10-11"},
    {"ReferringPhysicianName": "PARK*"},
    {"Modality": "DMS"},
    {"Modality": "?MS"},
    {"SeriesNumber": "7"},
    {"InstanceNumber": "12"},
    {"InstanceNumber": "0012"},
    {"PerformedProcedureStepStartDate": "20260103-20260104"},
    {"PerformedProcedureStepStartTime": "12"},
    {"RequestAttributesSequence": Items([request("SPS1", "RP1")])},
    {"RequestAttributesSequence": Items([request("SPS1", "RP2")])},
    {"RequestAttributesSequence": Items([request("SPS*", "")])},
    {"RequestAttributesSequence": Items([request("", "RP3")])},
    {"RequestAttributesSequence": Items([])},
    {"PatientName": "hong*", "StudyDate": "20250101", "Modality": "XC", "InstanceNumber": "1"},
    {"PatientName": "hong*", "Modality": "XC", "RequestAttributesSequence": Items([request("SPS0", "")])},
    {"PatientName": "hong*", "PatientID": "A2"},
    {"PatientName": "hong*", "PatientSex": "M"},
    {"PatientName": "hong*", "ReferringPhysicianName": "PARK*"},
]


@pytest.mark.parametrize("level", list(Level))
def test_a_search_finds_what_a_plain_matcher_finds(
    archive: ArchiveService, objects: Sequence[Dataset], level: Level
) -> None:
    """Every kind of matching, at every level, keys of the levels above and below too."""
    for keys in KEYS:
        wanted = Dataset()
        for keyword, value in keys.items():
            set_unchecked(wanted, keyword, value)
        expected = {ds.StudyInstanceUID for ds in objects if object_matches(wanted, to_json(ds))}
        found = search(archive, level, **keys)
        assert set(values(found.items, "0020000D")) == expected, keys
        assert len(found.items) == len(expected)
        assert found.remaining == 0


def test_lists_of_uids(archive: ArchiveService, objects: Sequence[Dataset]) -> None:
    uids = [objects[0].StudyInstanceUID, objects[3].StudyInstanceUID, "1.2.3"]
    assert set(values(search(archive, StudyInstanceUID=uids).items, "0020000D")) == set(uids[:2])
    classes = [objects[0].SOPClassUID, "1.2"]
    assert len(search(archive, Level.INSTANCE, SOPClassUID=classes).items) == len(objects)
    (found,) = search(archive, Level.SERIES, SOPInstanceUID=objects[2].SOPInstanceUID).items
    assert found["0020000E"]["Value"] == [objects[2].SeriesInstanceUID]


@pytest.mark.parametrize("keys", [{"ModalitiesInStudy": "DMS"}, {"ModalitiesInStudy": "D*"}])
def test_modalities_in_study(archive: ArchiveService, objects: Sequence[Dataset], keys: dict[str, Any]) -> None:
    store(archive, photo(StudyInstanceUID=objects[1].StudyInstanceUID, PatientID="A2", Modality="SR"))
    (found,) = search(archive, **keys).items
    assert found["00080061"]["Value"] == ["DMS", "SR"]


def test_hostile_keys_match_nothing(archive: ArchiveService, objects: Sequence[Dataset]) -> None:
    hostile: list[dict[str, Any]] = [
        {"PatientID": "x\0'; DROP TABLE studies; --"},
        {"StudyDate": "x-y"},
        {"StudyTime": "99\0"},
        {"InstanceNumber": 10**40},
        {"PatientName": "*" * 500 + "x"},
    ]
    for keys in hostile:
        assert search(archive, **keys).items == []


def test_keys_that_are_not_supported_are_known_to_be(archive: ArchiveService, objects: Sequence[Dataset]) -> None:
    assert 0x00080070 not in SUPPORTED_KEYS
    assert len(search(archive, Manufacturer="nobody").items) == len(objects)


def test_studies_come_newest_first(archive: ArchiveService, objects: Sequence[Dataset]) -> None:
    found = [item["00080020"].get("Value", [""])[0] for item in search(archive).items]
    assert found == sorted(found, reverse=True)
    assert found[-1] == ""


@pytest.mark.parametrize("level", list(Level))
def test_pages_neither_overlap_nor_leave_gaps(
    archive: ArchiveService, objects: Sequence[Dataset], level: Level
) -> None:
    everything = values(search(archive, level).items, "0020000D")
    paged: list[str] = []
    for offset in range(0, 8, 2):
        page = search(archive, level, limit=2, offset=offset)
        paged += values(page.items, "0020000D")
        assert page.remaining == max(len(objects) - offset - 2, 0)
    assert paged == everything
    assert search(archive, level, limit=0).remaining == len(objects)


def test_instances_come_in_the_order_of_their_numbers(archive: ArchiveService) -> None:
    first = photo(InstanceNumber=11)
    same = {"StudyInstanceUID": first.StudyInstanceUID, "SeriesInstanceUID": first.SeriesInstanceUID}
    store(archive, first, photo(**same, InstanceNumber=2), photo(**same, InstanceNumber=None), photo(**same))
    found = search(archive, Level.INSTANCE, **same).items
    assert [item.get("00200013", {}).get("Value", [None])[0] for item in found] == [1, 2, 11, None]
    mine = archive.for_caller(HERE)
    assert [one.sop_instance_uid for one in mine.find(first.StudyInstanceUID)] == values(found, "00080018")


def test_a_study_tells_what_it_holds(archive: ArchiveService) -> None:
    first = photo()
    series = {"StudyInstanceUID": first.StudyInstanceUID, "SeriesInstanceUID": first.SeriesInstanceUID}
    store(
        archive, first, photo(**series, InstanceNumber=2), photo(StudyInstanceUID=first.StudyInstanceUID, Modality="SR")
    )
    (study,) = search(archive).items
    assert study["00201206"]["Value"] == [2]
    assert study["00201208"]["Value"] == [3]
    assert study["00080061"]["Value"] == ["SR", "XC"]
    assert study["00080056"]["Value"] == ["ONLINE"]
    assert study["00100010"]["Value"][0]["Phonetic"] == "홍^길동"
    found = search(archive, Level.SERIES).items
    assert {item["0020000E"]["Value"][0]: item["00201209"]["Value"][0] for item in found}[first.SeriesInstanceUID] == 2
    instance = search(archive, Level.INSTANCE, SOPInstanceUID=first.SOPInstanceUID).items[0]
    assert instance["00280010"]["Value"] == [10]
    assert instance["00083002"]["Value"] == ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.1"]


def test_more_is_returned_when_it_is_asked_for(archive: ArchiveService) -> None:
    store(archive, photo(LossyImageCompression="01"))
    (plain,) = search(archive).items
    assert "00081030" not in plain
    (study,) = search(archive, include=frozenset({0x00081030})).items
    assert study["00081030"]["Value"] == ["Mole on the back"]
    (instance,) = search(archive, Level.INSTANCE, include=frozenset({0x00282110, 0x00100020, 0x00201208})).items
    assert instance["00282110"]["Value"] == ["01"]
    assert instance["00100020"]["Value"] == ["P1"]
    assert instance["00201208"]["Value"] == [1]
    (everything,) = search(archive, Level.INSTANCE, include=None).items
    assert {"00280004", "00282110", "00100020", "00080060", "7FE00010"} <= set(everything)
    assert list(everything) == sorted(everything)


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize(
    ("keys", "number"),
    [
        ({"ModalitiesInStudy": "XC", "ReferringPhysicianName": "PARK*"}, 4),
        ({"ModalitiesInStudy": "DMS", "PatientName": "hong*"}, 1),
        ({"ModalitiesInStudy": "DMS", "StudyDate": "20250630"}, 1),
        ({"ModalitiesInStudy": "DMS", "ReferringPhysicianName": "PARK*"}, None),
        ({"ModalitiesInStudy": "DMS", "StudyDate": "20250101"}, None),
    ],
)
def test_lists_of_other_tables_narrow_each_other(
    archive: ArchiveService, objects: Sequence[Dataset], level: Level, keys: dict[str, Any], number: int | None
) -> None:
    expected = [] if number is None else [objects[number].StudyInstanceUID]
    assert values(search(archive, level, **keys).items, "0020000D") == expected


def test_a_caller_without_the_permission_finds_nothing(archive: ArchiveService) -> None:
    with pytest.raises(NotPermitted):
        search(archive, caller=Caller(id="m", roles=frozenset({Role.MODALITY}), hospitals=None))


SCOPED_KEYS: list[dict[str, Any]] = [
    {},
    {"PatientID": "P1"},
    {"PatientName": "hong*"},
    {"ModalitiesInStudy": "XC"},
    {"Modality": "XC"},
    {"InstanceNumber": "1"},
    {"StudyDate": "20260102"},
]


@pytest.mark.parametrize("level", list(Level))
def test_a_hospital_finds_its_own(archive: ArchiveService, level: Level) -> None:
    here, there = photo(), photo()
    store(archive, here)
    store(archive, there, caller=THERE)
    nobody = Caller(id="n", roles=frozenset({Role.VIEWER}), hospitals=frozenset({"elsewhere"}))
    for keys in SCOPED_KEYS:
        assert values(search(archive, level, **keys).items, "0020000D") == [here.StudyInstanceUID]
        assert values(search(archive, level, caller=THERE, **keys).items, "0020000D") == [there.StudyInstanceUID]
        assert len(search(archive, level, caller=EVERYWHERE, **keys).items) == 2
        assert search(archive, level, caller=nobody, **keys).items == []


@pytest.mark.parametrize("level", list(Level))
def test_a_patient_finds_only_themselves(archive: ArchiveService, database: Database, level: Level) -> None:
    mine, other = photo(PatientID="me"), photo(PatientID="other")  # of the same name, which the samples have
    store(archive, mine, other)
    with database.read() as session:
        row_id = session.query(PatientRow.id).filter_by(patient_id="me").scalar()
    for patient, expected in ((str(row_id), [mine.StudyInstanceUID]), ("nobody", [])):
        caller = Caller("p", frozenset({Role.VIEWER}), frozenset({"here"}), patient)
        for keys in SCOPED_KEYS:
            found = search(archive, level, caller=caller, **{**keys, "PatientID": ""}).items
            assert values(found, "0020000D") == expected, keys
        assert len(archive.for_caller(caller).find(mine.StudyInstanceUID)) == len(expected)
        assert archive.for_caller(caller).find(other.StudyInstanceUID) == []


def test_a_search_is_audited_without_values(archive: ArchiveService, database: Database) -> None:
    search(archive, PatientName="hong*")
    entry = last_audit(database)
    assert (entry.action, entry.subject) == (Action.QUERIED, "study")
    assert entry.detail == {"keys": ["00100010"], "matches": 0, "offset": 0}


@pytest.mark.parametrize(
    ("level", "keys", "index"),
    [
        (Level.STUDY, {}, "studies_by_date"),
        (Level.STUDY, {"PatientID": "A1"}, "patients_by_patient_id (hospital_id=? AND patient_id=?)"),
        (Level.STUDY, {"PatientID": "A*"}, "patients_by_patient_id (hospital_id=? AND patient_id>?"),
        (Level.STUDY, {"StudyInstanceUID": "1.2"}, "(hospital_id=? AND study_instance_uid=?)"),
        (Level.STUDY, {"PatientName": "hong*"}, "patient_names_by_value (hospital_id=? AND value>?"),
        (Level.STUDY, {"StudyDate": "20250101-20260101"}, "studies_by_date (hospital_id=? AND study_date>?"),
        (Level.STUDY, {"AccessionNumber": "A1"}, "studies_by_accession_number (hospital_id=? AND accession_number=?)"),
        (Level.SERIES, {"StudyInstanceUID": "1.2"}, "(hospital_id=? AND study_instance_uid=?)"),
        (Level.SERIES, {"SeriesInstanceUID": "1.2"}, "series_by_uid (hospital_id=? AND series_instance_uid=?)"),
        (Level.INSTANCE, {"SOPInstanceUID": "1.2"}, "(sop_instance_uid=?)"),
        (Level.INSTANCE, {}, "instances_in_order (hospital_id=?)"),
    ],
)
def test_searches_go_by_an_index(sqlite: Database, level: Level, keys: dict[str, str], index: str) -> None:
    """No table is gone through; a narrow key's own index is taken."""
    wanted = Dataset()
    for keyword, value in keys.items():
        set_unchecked(wanted, keyword, value)
    asked: list[tuple[str, Sequence[object]]] = []

    class Noting:
        is_sqlite = True

        def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
            asked.append((statement, values))
            return reader.all(statement, values)

    with sqlite.reader() as reader:
        find_page(Noting(), Scope(frozenset({"here"})), Search(level, wanted))
        text, values = asked[-1]
        plan = [str(row[-1]) for row in reader.all(f"EXPLAIN QUERY PLAN {text}", values)]
    assert any(index in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
