"""Peers query the archive over DIMSE: levels, matching, Korean in every coding, scope, audit."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import generate_uid

from dicomweb.archive import Level, Search
from dimse.query_models import PATIENT_ROOT_FIND, STUDY_ROOT_FIND, checked_query
from dimse.querying import FindStatus, QueryRefused
from gateway.access.audit import Action
from gateway.access.caller import Caller, Role
from gateway.archive.service import ArchiveService
from gateway.database import Database
from gateway.hospitals.finding import PeerFinder
from tests.integration.archive.acts import HERE, THERE, last_audit, store
from tests.integration.dimse.conftest import DCMTK_ENVIRONMENT
from tests.integration.dimse.finding import Answers, answering, ask, associated, explicit, status_of_raw
from tests.peers import LOOPBACK, require
from tests.unit.archive.samples import photo

VIEWER = Caller("dimse:VIEWER", frozenset({Role.VIEWER}), frozenset({"here"}))
RELATIONAL: dict[str, bytes] = {STUDY_ROOT_FIND: b"\x01", PATIENT_ROOT_FIND: b"\x01"}

Asking = Callable[..., Answers]


@contextmanager
def asking(archive: ArchiveService, caller: Caller = VIEWER, **settings: Any) -> Iterator[Asking]:
    """Ask by one keyword argument a key; patients are asked for under Patient Root."""
    finder = PeerFinder(lambda _title: caller, archive.queries_for)
    with answering(finder, **settings) as provider:

        def one(level: str = "STUDY", *, relational: bool = False, root: str | None = None, **keys: Any) -> Answers:
            root = root or (PATIENT_ROOT_FIND if level == "PATIENT" else STUDY_ROOT_FIND)
            with associated(provider.port, root, extended=RELATIONAL if relational else None) as association:
                return ask(association, keys, root, level)

        yield one


@pytest.fixture
def asked(archive: ArchiveService) -> Iterator[Asking]:
    with asking(archive) as one:
        yield one


def values(found: Answers, keyword: str) -> list[Any]:
    assert found.final.Status == FindStatus.SUCCESS, found.final
    return [item.get(keyword) for item in found.items]


@pytest.fixture
def objects(archive: ArchiveService) -> Sequence[Dataset]:
    """Two patients, three studies, four series, five instances; one more in another hospital."""
    first = photo(PatientID="P-1", StudyDate="20250101", StudyID="S1")
    second = photo(PatientID="P-1", StudyDate="20250601", StudyID="S2", Modality="DMS", PatientSex="F")
    beside = photo(PatientID="P-1", StudyInstanceUID=second.StudyInstanceUID, StudyDate="20250601", StudyID="S2",
                   SeriesNumber=2)  # fmt: skip
    again = photo(PatientID="P-1", StudyInstanceUID=second.StudyInstanceUID, StudyDate="20250601", StudyID="S2",
                  SeriesInstanceUID=beside.SeriesInstanceUID, SeriesNumber=2, InstanceNumber=2)  # fmt: skip
    other = photo(PatientID="P-2", PatientName="김^철수", StudyDate="20260101", StudyID="S3")
    request = Dataset()
    request.ScheduledProcedureStepID, request.RequestedProcedureID = "SPS1", "RP1"
    other.RequestAttributesSequence = Items([request])
    made = [first, second, beside, again, other]
    assert all(outcome.status == 0 for outcome in store(archive, *made))
    assert store(archive, photo(PatientID="P-1", StudyID="S9"), caller=THERE)[0].status == 0
    return made


def test_patients_are_found_once_and_with_what_is_theirs(asked: Asking, objects: Sequence[Dataset]) -> None:
    counts = {f"NumberOfPatientRelated{what}": "" for what in ("Studies", "Series", "Instances")}
    found = asked("PATIENT", PatientID="", PatientName="", PatientSex="", PatientBirthDate="", **counts)
    assert values(found, "PatientID") == ["P-1", "P-2"]
    assert values(found, "PatientName") == ["Hong^Gildong=洪^吉洞=홍^길동", "김^철수"]
    assert [[int(item[keyword].value) for keyword in counts] for item in found.items] == [[2, 3, 4], [1, 1, 1]]
    assert values(found, "QueryRetrieveLevel") == ["PATIENT", "PATIENT"]


def test_a_tree_is_walked_from_the_patient_down(asked: Asking, objects: Sequence[Dataset]) -> None:
    root = {"root": PATIENT_ROOT_FIND, "PatientID": "P-1"}
    studies = asked("STUDY", **root, StudyInstanceUID="", ModalitiesInStudy="", NumberOfStudyRelatedInstances="")
    assert values(studies, "StudyInstanceUID") == [objects[1].StudyInstanceUID, objects[0].StudyInstanceUID]
    assert values(studies, "PatientID") == ["P-1", "P-1"]
    assert list(studies.items[0].ModalitiesInStudy) == ["DMS", "XC"]
    assert values(studies, "NumberOfStudyRelatedInstances") == [3, 1]
    root["StudyInstanceUID"] = objects[1].StudyInstanceUID
    series = asked("SERIES", **root, SeriesInstanceUID="", Modality="", NumberOfSeriesRelatedInstances="")
    assert values(series, "Modality") == ["DMS", "XC"]
    assert values(series, "NumberOfSeriesRelatedInstances") == [1, 2]
    root["SeriesInstanceUID"] = objects[2].SeriesInstanceUID
    images = asked(
        "IMAGE", **root, SOPInstanceUID="", SOPClassUID="", InstanceNumber="", Rows=None, StudyDescription=""
    )
    assert values(images, "SOPInstanceUID") == [objects[2].SOPInstanceUID, objects[3].SOPInstanceUID]
    assert values(images, "InstanceNumber") == [1, 2]
    assert values(images, "Rows") == [10, 10]
    assert values(images, "StudyDescription") == ["Mole on the back"] * 2


@pytest.mark.parametrize(
    ("keys", "studies"),
    [
        ({}, ["S3", "S2", "S1"]),
        ({"PatientName": "hong*"}, ["S2", "S1"]),
        ({"PatientName": "*철수"}, ["S3"]),
        ({"PatientName": "洪^吉?"}, ["S2", "S1"]),
        ({"PatientID": "P-?", "StudyDate": "20250102-"}, ["S3", "S2"]),
        ({"StudyDate": "20250101-20250601"}, ["S2", "S1"]),
        ({"StudyDate": "-20250101"}, ["S1"]),
        ({"ModalitiesInStudy": "DMS"}, ["S2"]),
        ({"Modality": "DMS"}, ["S2"]),
        ({"AccessionNumber": "nothing"}, []),
        ({"PatientID": "*", "PatientName": "*"}, ["S3", "S2", "S1"]),
    ],
)
def test_studies_by_keys_of_every_kind(
    asked: Asking, objects: Sequence[Dataset], keys: dict[str, str], studies: list[str]
) -> None:
    assert values(asked(**{"StudyID": "", **keys}), "StudyID") == studies


def test_several_uids_and_requests_inside_a_sequence(asked: Asking, objects: Sequence[Dataset]) -> None:
    uids = [objects[0].StudyInstanceUID, objects[4].StudyInstanceUID]
    assert values(asked(StudyInstanceUID=uids, StudyID=""), "StudyID") == ["S3", "S1"]
    item = Dataset()
    item.ScheduledProcedureStepID = "SPS*"
    found = asked("SERIES", relational=True, RequestAttributesSequence=Items([item]), PatientID="")
    assert values(found, "PatientID") == ["P-2"]
    assert found.items[0].RequestAttributesSequence[0].ScheduledProcedureStepID == "SPS1"
    assert len(found.items[0].RequestAttributesSequence[0]) == 1


def test_relational_queries_reach_over_levels(asked: Asking, objects: Sequence[Dataset]) -> None:
    found = asked("IMAGE", relational=True, PatientName="hong*", Modality="XC", SOPInstanceUID="", StudyID="")
    assert set(values(found, "SOPInstanceUID")) == {one.SOPInstanceUID for one in (objects[0], *objects[2:4])}
    patients = asked("PATIENT", relational=True, PatientID="", Modality="DMS", StudyDate="20250101-")
    assert values(patients, "PatientID") == ["P-1"]


def test_fuzzy_names_are_found_where_they_were_negotiated(archive: ArchiveService, objects: Sequence[Dataset]) -> None:
    with answering(PeerFinder(lambda _title: VIEWER, archive.queries_for)) as provider:
        for information, count in ((b"\0\0\x01", 2), (b"\0\0\0", 0)):
            with associated(provider.port, extended={STUDY_ROOT_FIND: information}) as association:
                assert len(ask(association, {"PatientName": "gild hong"}).items) == count


def test_what_a_study_query_asks_of_lower_levels_comes_back_empty(asked: Asking, objects: Sequence[Dataset]) -> None:
    found = asked(PatientID="P-2", SeriesDescription="", InstanceNumber="", RetrieveAETitle="")
    assert [found.items[0].get(keyword) for keyword in ("SeriesDescription", "InstanceNumber", "RetrieveAETitle")] == [
        "", None, ""
    ]  # fmt: skip
    assert found.pending == {FindStatus.PENDING}


def test_a_key_that_is_not_matched_by_is_warned_of(asked: Asking, objects: Sequence[Dataset]) -> None:
    assert asked(PatientID="P-2", InstitutionName="Elsewhere").pending == {FindStatus.PENDING_KEYS_LEFT_ASIDE}


def test_attributes_outside_the_index_are_read_from_the_header(asked: Asking, objects: Sequence[Dataset]) -> None:
    uid = objects[0].SOPInstanceUID
    found = asked("IMAGE", relational=True, SOPInstanceUID=uid, PixelRepresentation=None, ICCProfile=None)
    assert (found.items[0].PixelRepresentation, found.items[0].ICCProfile) == (0, None)


def test_patients_without_an_id_can_be_asked_for(archive: ArchiveService, asked: Asking) -> None:
    """A unique key is never empty, and strangers are never one patient."""
    store(archive, *(photo(PatientID="", StudyInstanceUID=uid) for uid in ("2.25.1", "2.25.2")))
    ids = values(asked("PATIENT", PatientID=""), "PatientID")
    assert ids == ["UNID-2.25.1", "UNID-2.25.2"]
    for patient_id in ids:
        found = asked("STUDY", root=PATIENT_ROOT_FIND, PatientID=patient_id, StudyInstanceUID="")
        assert values(found, "PatientID") == [patient_id]


def test_one_patient_id_of_two_issuers_is_two_patients(archive: ArchiveService, asked: Asking) -> None:
    store(archive, photo(IssuerOfPatientID="A"), photo(IssuerOfPatientID="B"))
    found = asked("PATIENT", PatientID="P1", IssuerOfPatientID="")
    assert sorted(values(found, "IssuerOfPatientID")) == ["A", "B"]
    assert values(asked("PATIENT", PatientID="P1", IssuerOfPatientID="B"), "IssuerOfPatientID") == ["B"]


@pytest.mark.parametrize(
    ("character_set", "coded"),
    [
        ("ISO_IR 192", "홍^길*".encode()),
        ("\\ISO 2022 IR 149", b"\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6*"),
        (None, "홍^길*".encode()),
        (None, "홍^길*".encode("euc_kr")),
        ("ISO_IR 100", None),
    ],
)
def test_korean_names_are_found_however_the_query_is_coded(
    archive: ArchiveService, objects: Sequence[Dataset], tmp_path: Path, character_set: str | None, coded: bytes | None
) -> None:
    """Also where no character set is declared; what is shown is Unicode. By findscu, bytes as they are."""
    query = tmp_path / "query.dcm"
    element = b"" if character_set is None else explicit(0x00080005, b"CS", character_set.encode())
    name = b"Hong^Gil*" if coded is None else coded
    query.write_bytes(
        element
        + explicit(0x00080052, b"CS", b"STUDY")
        + explicit(0x00100010, b"PN", name)
        + explicit(0x00100020, b"LO", b"")
    )
    with answering(PeerFinder(lambda _title: VIEWER, archive.queries_for)) as provider:
        said = said_by_findscu(provider.port, query)
    assert said.count("(Pending)") == 2, said
    assert said.count("[ISO_IR 192]") >= 2
    assert "=洪^吉洞=홍^길동" in said


def said_by_findscu(port: int, query: Path) -> str:
    """What it prints, which is the query's own bytes too."""
    done = subprocess.run(
        [require("findscu"), "-v", "-S", "-aec", "DERMGATE", LOOPBACK, str(port), query],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=True, env=DCMTK_ENVIRONMENT,
    )  # fmt: skip
    return done.stdout.decode("utf-8", "replace")


LEVEL = explicit(0x00080052, b"CS", b"STUDY")
ITEM = bytes.fromhex("4000 7502 5351 0000 ffffffff feff 00e0 ffffffff")


@pytest.mark.parametrize(
    "identifier",
    [
        LEVEL + ITEM * 10_000,
        b"\x08\x00\x52\x00CS\xff\xffSTUDY",
        b"\x10\x00\x10\x00UT\0\0\xff\xff\xff\x7f",
        LEVEL + explicit(0x00080005, b"CS", b"ISO_IR 192") + explicit(0x00100010, b"PN", b"\xff\xfe\xfd"),
        LEVEL + explicit(0x0020000D, b"UI", b"../../../etc/passwd"),
        LEVEL + explicit(0x00200013, b"IS", b"one"),
        LEVEL + explicit(0x0020000D, b"UI", b"1\\" * 30_000),
        LEVEL + b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0",
    ],
    ids=["nested", "cut", "lies", "no-text", "path", "no-number", "values", "fragments"],
)
def test_hostile_identifiers_are_refused(asked: Asking, archive: ArchiveService, identifier: bytes) -> None:
    with answering(PeerFinder(lambda _title: VIEWER, archive.queries_for)) as provider:
        assert status_of_raw(provider.port, identifier) == FindStatus.UNABLE_TO_PROCESS
        with associated(provider.port) as association:
            assert ask(association, {"PatientID": ""}).final.Status == FindStatus.SUCCESS


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_or_refused(identifier: bytes, implicit: bool) -> None:
    finder = PeerFinder(lambda _title: VIEWER, lambda _caller: pytest.fail("nothing is asked"))
    with suppress(QueryRefused):
        checked_query(finder.read(LEVEL + identifier, implicit=implicit), STUDY_ROOT_FIND, relational=True)


def test_a_peer_sees_its_own_hospital(archive: ArchiveService, objects: Sequence[Dataset]) -> None:
    there = Caller("dimse:B", frozenset({Role.VIEWER}), frozenset({"there"}))
    with asking(archive, there) as ask_there:
        assert values(ask_there(PatientID="P-1", StudyID=""), "StudyID") == ["S9"]
        assert values(ask_there("PATIENT", PatientID="*"), "PatientID") == ["P-1"]
        found = ask_there("SERIES", StudyInstanceUID=objects[0].StudyInstanceUID, SeriesInstanceUID="")
        assert values(found, "SeriesInstanceUID") == []


def test_who_may_not_read_is_refused(archive: ArchiveService, objects: Sequence[Dataset]) -> None:
    camera = Caller("dimse:CAMERA", frozenset({Role.MODALITY}), frozenset({"here"}))
    with asking(archive, camera) as ask_camera:
        refused = ask_camera(PatientID="P-1")
    assert (refused.items, refused.final.Status) == ([], FindStatus.NOT_AUTHORISED)
    assert "[[peers]]" in refused.final.ErrorComment


def test_each_query_leaves_one_entry_with_its_keys_and_no_value(
    asked: Asking, database: Database, objects: Sequence[Dataset]
) -> None:
    assert len(asked("PATIENT", PatientName="Hong*", PatientID="").items) == 1
    entry = last_audit(database)
    assert (entry.caller_id, entry.hospital_id, entry.action) == ("dimse:VIEWER", "here", Action.QUERIED)
    assert (entry.subject, entry.outcome) == ("patient", 0)
    assert entry.detail == {"keys": ["00100010", "00100020"], "matches": 1, "offset": 0}
    number = entry.number
    assert len(asked("SERIES", StudyInstanceUID=objects[1].StudyInstanceUID, Modality="").items) == 2
    entry = last_audit(database)
    assert (entry.number, entry.subject) == (number + 1, "series")


def test_more_answers_than_are_read_at_a_time_come_in_order_and_the_cap_is_told(archive: ArchiveService) -> None:
    uid = generate_uid()
    made = [photo(StudyInstanceUID=uid, SeriesInstanceUID=uid, InstanceNumber=number) for number in range(1, 421)]
    store(archive, *made)
    keys = {"StudyInstanceUID": uid, "SeriesInstanceUID": uid, "InstanceNumber": ""}
    with asking(archive) as one:
        assert values(one("IMAGE", **keys), "InstanceNumber") == list(range(1, 421))
    with asking(archive, max_answers=210) as one:
        capped = one("IMAGE", **keys)
    assert [item.InstanceNumber for item in capped.items] == list(range(1, 211))
    assert capped.final.Status == FindStatus.OUT_OF_RESOURCES
    assert capped.final.ErrorComment.startswith("210 more match")


def test_what_is_deleted_while_answers_are_given_is_left_out(archive: ArchiveService, database: Database) -> None:
    made = [photo(StudyDate=f"20260{month}01") for month in (3, 2, 1)]
    store(archive, *made)
    answered = archive.queries_for(VIEWER).ask(Search(Level.STUDY, Dataset(), limit=10))
    archive.for_caller(HERE).delete(made[1].StudyInstanceUID)
    assert [item["0020000D"]["Value"][0] for item in answered.items] == [
        made[0].StudyInstanceUID, made[2].StudyInstanceUID
    ]  # fmt: skip


@pytest.mark.parametrize(("level", "uid"), [(Level.STUDY, "0020000D"), (Level.SERIES, "0020000E")])
def test_a_row_of_another_hospital_that_took_a_deleted_ones_place_is_no_answer(
    archive: ArchiveService, level: Level, uid: str
) -> None:
    """SQLite gives the highest id out again."""
    kept, gone, theirs = photo(PatientID="P-1"), photo(PatientID="P-2"), photo(PatientID="P-3")
    store(archive, kept)
    store(archive, gone)
    answered = archive.queries_for(VIEWER).ask(Search(level, Dataset(), limit=10))
    archive.for_caller(HERE).delete(gone.StudyInstanceUID)
    store(archive, theirs, caller=THERE)
    keyword = "StudyInstanceUID" if level is Level.STUDY else "SeriesInstanceUID"
    assert [item[uid]["Value"][0] for item in answered.items] == [kept[keyword].value]


@pytest.mark.parametrize("level", [Level.STUDY, Level.SERIES])
def test_a_row_of_another_patient_that_took_a_deleted_ones_place_is_no_answer(
    archive: ArchiveService, database: Database, level: Level
) -> None:
    gone, others = photo(PatientID="P-1"), photo(PatientID="P-2")
    store(archive, gone)
    with database.reader() as reader:
        ((patient,),) = reader.all("SELECT id FROM patients")
    own = Caller("key:patient", frozenset({Role.VIEWER}), frozenset({"here"}), patient=str(patient))
    answered = archive.queries_for(own).ask(Search(level, Dataset(), limit=10))
    archive.for_caller(HERE).delete(gone.StudyInstanceUID)
    store(archive, others)
    assert list(answered.items) == []
