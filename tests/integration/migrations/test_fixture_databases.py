"""What earlier versions left behind is upgraded, still there, and readable through the services."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import select, text

from dicomweb.archive import Level, Search
from gateway.access.caller import LOCAL_ADMINISTRATOR, Caller, Role, Scope
from gateway.access.keys import list_keys
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.indexing import Origin, Sender
from gateway.archive.service import ArchiveService
from gateway.archive.tables import CommitmentRow
from gateway.conversion.findings.document import COMPREHENSIVE_3D_SR
from gateway.database import Database
from gateway.delivery.service import list_deliveries
from gateway.delivery.tables import CommitmentReferenceRow, CommitmentRequestRow, DeliveryRow
from gateway.events.log import EVERYWHERE, EventType, read, record
from gateway.events.sequencer import last_number
from gateway.hospitals.tables import CommitmentReportRow
from gateway.intake.looking import Looking
from gateway.intake.tables import SubmissionRow
from gateway.migrations.upgrade import current_revision, head_revision, upgrade
from gateway.review.label_feed import read_labels
from gateway.review.labels import add_label
from gateway.review.referrals import ReferralState, list_referrals
from gateway.serving.outcomes import list_outcomes
from gateway.worklists.keeping import KeptWorkitems
from tests.integration.migrations.dumps import DUMPS, copied, counts, load
from tests.peers import Postgres
from tests.unit.archive.samples import part10, photo

SEOUL = Caller("key:test", frozenset({Role.ADMINISTRATOR}), frozenset({"seoul"}))
BUSAN = Caller("key:test", frozenset({Role.ADMINISTRATOR}), frozenset({"busan"}))
BOTH = LOCAL_ADMINISTRATOR


@pytest.fixture(params=DUMPS, ids=[dump.stem for dump in DUMPS])
def dump(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture(scope="session")
def template_of(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], str]:
    """The name of a PostgreSQL database with a dump's rows, made once for each dump."""

    @functools.cache
    def make(dump: Path) -> str:
        source = load(dump, tmp_path_factory.mktemp("dump") / "dermgate.db")
        name = postgres_server.create_database()
        copied(source, postgres_server.url(name)).close()
        source.close()
        return name

    return make


@pytest.fixture
def in_sqlite(dump: Path, tmp_path: Path) -> Iterator[Database]:
    made = load(dump, tmp_path / "dermgate.db")
    yield made
    made.close()


@pytest.fixture
def in_postgresql(dump: Path, postgres_server: Postgres, template_of: Callable[[Path], str]) -> Iterator[Database]:
    name = postgres_server.create_database(template_of(dump))
    made = Database(postgres_server.url(name))
    yield made
    made.close()
    postgres_server.drop_database(name)


@pytest.fixture(params=["in_sqlite", pytest.param("in_postgresql", marks=pytest.mark.peer)])
def earlier(request: pytest.FixtureRequest, dump: Path) -> Database:
    """The database of the dump as it was left, once as SQLite and once with its rows in PostgreSQL."""
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Database)
    return made


@pytest.fixture
def upgraded(earlier: Database) -> Database:
    """The same at the newest schema."""
    upgrade(earlier)
    return earlier


@pytest.fixture
def archive(upgraded: Database, tmp_path: Path) -> Iterator[ArchiveService]:
    storage = FolderStorage(tmp_path / "objects")
    yield ArchiveService(upgraded, storage)
    storage.close()


@pytest.fixture
def looking(upgraded: Database, archive: ArchiveService, tmp_path: Path) -> Iterator[Looking]:
    storage = FolderStorage(tmp_path / "objects")
    yield Looking(upgraded, archive, storage)
    storage.close()


def test_there_is_a_fixture_of_the_newest_schema() -> None:
    """A new migration needs a new one: `python -m tests.fixtures.make_database`."""
    assert f"{head_revision()}.sql" in {dump.name for dump in DUMPS}


def test_a_dump_is_at_its_schema_and_every_table_has_rows(earlier: Database, dump: Path) -> None:
    assert current_revision(earlier) == dump.stem
    assert all(counts(earlier).values())


def test_no_row_is_lost(earlier: Database) -> None:
    before = counts(earlier)
    upgrade(earlier)
    assert current_revision(earlier) == head_revision()
    after = counts(earlier)
    assert after.pop("sequences") >= before.pop("sequences")  # a migration may begin one
    assert {name: after[name] for name in before} == before


def test_photos_of_either_hospital_are_shown(looking: Looking) -> None:
    seoul, _ = looking.page(SEOUL, limit=50, cursor=None, language="ko")
    busan, _ = looking.page(BUSAN, limit=50, cursor=None, language="ko")
    assert {one["state"] for one in seoul} == {"accepted", "processing"}
    assert {one["state"] for one in busan} == {"accepted", "rejected"}
    for shown in (*seoul, *busan):
        again = looking.one(BOTH, shown["id"], "en")
        assert (again["state"], again["dicom"]) == (shown["state"], shown["dicom"])
    accepted = [one for one in seoul if one["state"] == "accepted"]
    assert {one["deliveries"][0]["state"] for one in accepted} == {"sent"}
    assert all(len(one["ranking"]["diseases"]) == 6 for one in accepted)
    rejected = next(one for one in busan if one["state"] == "rejected")
    assert rejected["judgement"]["reasons"][0]["name"]


def test_cases_hold_their_photos(looking: Looking) -> None:
    photos, _ = looking.page(SEOUL, limit=50, cursor=None, language="ko")
    cases = [looking.case(SEOUL, one["case_id"], "ko") for one in photos if one["case_id"]]
    assert sorted(len(case["photos"]) for case in cases) == [1, 2, 2]


def test_the_archive_finds_patients_by_their_names(archive: ArchiveService) -> None:
    def names(caller: Caller, **keys: str) -> list[str]:
        wanted = Dataset()
        for keyword, value in keys.items():
            setattr(wanted, keyword, value)
        items = archive.for_caller(caller).search(Search(Level.STUDY, wanted)).items
        return ["=".join(item["00100010"]["Value"][0].values()) for item in items]

    assert names(SEOUL, PatientName="홍*") == ["Hong^Gildong=洪^吉童=홍^길동"]
    assert names(BUSAN, PatientName="홍*") == []
    (name,) = names(BUSAN, PatientID="87654321", ReferringPhysicianName="park*")
    assert "영희" in name


def test_headers_of_every_instance_are_read(archive: ArchiveService) -> None:
    scoped = archive.for_caller(BOTH)
    items = scoped.search(Search(Level.INSTANCE, Dataset(), limit=100)).items
    assert len(items) >= 6
    for item in items:
        uids = [item[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018")]
        found = scoped.find(*uids)
        (header,) = scoped.metadata(found)
        assert header["00080018"]["Value"] == [uids[2]]
        assert len(scoped.frames(found[0])) == (0 if found[0].sop_class_uid == COMPREHENSIVE_3D_SR else 1)


def test_the_logs_are_read_from_their_beginning(upgraded: Database) -> None:
    with upgraded.read() as session:
        events = read(session, Scope(None), after=0, limit=1000)
        assert [event.number for event in events] == list(range(1, last_number(session, "events") + 1))
        assert {event.hospital for event in events} - {EVERYWHERE} == {"seoul", "busan"}
        labels = read_labels(session, BOTH, after=0, limit=100)
        assert [(label.number, label.usable, label.reason) for label in labels] == [
            (1, True, None),
            (2, False, "out_of_focus"),
        ]


def test_what_was_said_of_diseases_is_read_beside_the_earlier_labels(dump: Path, upgraded: Database) -> None:
    with upgraded.read() as session:
        labels = read_labels(session, BOTH, after=0, limit=100, kinds=["suitability", "diagnosis", "deletion"])
        outcomes = list_outcomes(session, BOTH, limit=10)
    kinds = [label.kind for label in labels]
    assert kinds[:2] == ["suitability", "suitability"]
    assert (kinds[2:4], [one.data["came"] for one in outcomes]) == (
        (["diagnosis", "deletion"], ["refused"]) if dump.stem >= "0009" else ([], [])
    )


def test_keys_referrals_and_deliveries_are_listed(upgraded: Database) -> None:
    with upgraded.write() as unit_of_work:
        assert list_referrals(unit_of_work, BOTH, limit=100)
    with upgraded.read() as session:
        assert {key.name for key in list_keys(session)} == {"서울 앱", "부산 외래", "trainer"}
        page = list_deliveries(session, BOTH, state=None, destination=None, limit=100, cursor=None)
    assert {delivery.hospital for delivery in page.deliveries} == {"seoul", "busan"}
    assert {"sent", "failed"} <= {delivery.state.value for delivery in page.deliveries}


def test_an_opinion_is_shown_where_one_was_given(upgraded: Database, looking: Looking, dump: Path) -> None:
    shown = [one["referral"] for one in looking.page(SEOUL, limit=50, cursor=None, language="ko")[0]]
    opinions = {opinion["id"]: opinion for each in shown if (opinion := each["opinion"])}
    if dump.stem < "0003":
        assert not opinions
        return
    (opinion,) = opinions.values()
    assert opinion["doctor"] == "Kim^Doctor=金^醫師=김^의사"
    assert [each["code"] for each in opinion["diagnoses"]] == ["nevus", "seborrheic_keratosis"]
    with upgraded.write() as unit_of_work:
        answered = list_referrals(unit_of_work, SEOUL, states=[ReferralState.ANSWERED], limit=10)
    assert [given.id for _, given in answered if given] == [opinion["id"]]


def test_life_goes_on(upgraded: Database, archive: ArchiveService) -> None:
    before = counts(upgraded)
    with upgraded.read() as session:
        labels = last_number(session, "labels")
    outcome = archive.store(SEOUL, [part10(photo())], Sender(Origin.STOW, "test"))
    assert outcome.status == 0, outcome.detail
    with upgraded.write() as unit_of_work:
        record(unit_of_work, EventType.PHOTO_ACCEPTED, hospital="seoul", subject="photo/1")
        add_label(unit_of_work, SEOUL, hospital="seoul", photo_id="p1", usable=True, reason=None)
    after = counts(upgraded)
    grown = ("instances", "revisions", "studies", "labels", "audit")
    assert all(after[name] > before[name] for name in grown)
    with upgraded.read() as session:
        assert last_number(session, "labels") == labels + 1


def test_names_that_were_there_before_are_found_fuzzily(archive: ArchiveService) -> None:
    for key, name in (("길동 홍", "Hong^Gildong"), ("영희", "김영희"), ("ㅇㅅㅅ", "이^순신")):
        wanted = Dataset()
        wanted.PatientName = key
        found = archive.for_caller(BOTH).search(Search(Level.STUDY, wanted, fuzzy_names=True))
        assert {item["00100010"]["Value"][0]["Alphabetic"] for item in found.items} == {name}


def test_the_audit_trail_stays_append_only(upgraded: Database) -> None:
    def attempt(statement: str) -> None:
        with upgraded.write() as unit_of_work:
            unit_of_work.session.execute(text(statement))

    for statement in ("UPDATE audit SET subject = 'x'", "DELETE FROM audit"):
        with pytest.raises(Exception, match="append-only"):
            attempt(statement)


def test_workitems_are_found_and_results_of_commitment_are_told(
    upgraded: Database, archive: ArchiveService, dump: Path
) -> None:
    found = KeptWorkitems(upgraded, BUSAN).search(Search(Level.STUDY, Dataset()))
    states = sorted(item["00741000"]["Value"][0] for item in found.items)
    assert states == ([] if dump.stem < "0004" else ["IN PROGRESS", "SCHEDULED"])
    with upgraded.read() as session:
        asked = session.scalars(select(CommitmentRow)).all()
    assert [len(row.result) for row in asked] == ([] if dump.stem < "0004" else [2])


def test_what_was_found_out_of_orders_is_kept(dump: Path, upgraded: Database) -> None:
    with upgraded.read() as session:
        notes = [row.worklist for row in session.scalars(select(SubmissionRow)) if row.worklist is not None]
    assert notes == ([{"state": "unavailable", "overruled": []}] if dump.stem >= "0007" else [])


def test_what_was_asked_of_destinations_and_is_owed_to_peers_is_kept(dump: Path, upgraded: Database) -> None:
    with upgraded.read() as session:
        asked = session.scalars(select(CommitmentRequestRow.transaction_uid)).all()
        references = session.scalars(select(CommitmentReferenceRow.failure)).all()
        owed = session.scalars(select(CommitmentReportRow.peer)).all()
        looks = set(session.scalars(select(DeliveryRow.looks)))
    kept = dump.stem >= "0006"
    assert (len(asked), references, owed) == ((1, [None], ["CAMERA"]) if kept else (0, [], []))
    assert looks == {0}
