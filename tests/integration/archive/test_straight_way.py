"""The straight way and the general one give the same answer, to the byte, and leave the same behind."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Scope

from dicomweb import answers, at_once, retrieve_endpoints, search_endpoint
from dicomweb.app import create_app
from dicomweb.archive import Archive
from dicomweb.settings import DicomWebSettings
from dicomweb.straight_way import StraightWay
from gateway import short_reading
from gateway.access.caller import NotPermitted, Role
from gateway.access.http import Authenticator
from gateway.access.keys import create_key
from gateway.access.tables import AuditRow
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.match_keys import SUPPORTED_KEYS
from gateway.archive.read_journal import JournaledReads
from gateway.archive.service import ArchiveService
from gateway.database import Database
from gateway.operations import failures
from gateway.operations.access_log import AccessLog
from gateway.operations.metrics import Metrics
from gateway.problems import domain_error
from tests.integration.archive.acts import THERE, store
from tests.unit.archive.samples import part10, photo

ROOT = "/dicom-web"
ORIGIN = "https://viewer.example"
STUDY, SERIES, FIRST, SECOND, THEIRS, LARGE = "1.2.3", "1.2.3.1", "1.2.3.1.1", "1.2.3.1.2", "1.9.9", "1.4.5"
Field = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request."""

    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    client: str = "127.0.0.1"
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Told:
    """Its answer: status and header fields, the body, and the kind of what was raised beside it."""

    status: int
    headers: Sequence[Field]
    body: bytes
    raised: type[BaseException] | None


@dataclass(frozen=True, slots=True)
class Left:
    """What requests left behind: their answers, audit entries, figures, lines of the log."""

    told: Sequence[Told]
    audit: Sequence[tuple[Any, ...]]
    figures: Sequence[tuple[str, tuple[tuple[str, str], ...], float]]
    lines: Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class House:
    """A gateway's DICOMweb with objects of two hospitals in it."""

    database: Database
    reads: JournaledReads
    make: Callable[[DicomWebSettings], Starlette]


@pytest.fixture(autouse=True)
def _nothing_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """One boundary for all; nothing is given up because the machine is busy."""
    for module in (answers, retrieve_endpoints, search_endpoint):
        monkeypatch.setattr(module, "new_boundary", lambda: "b0")
    for other in (at_once, short_reading):
        monkeypatch.setattr(other, "LONGEST_SECONDS", 10.0)


@pytest.fixture
def house(sqlite: Database, storage: FolderStorage, tmp_path: Path) -> Iterator[House]:
    """Two photos in a study here, a large one in another, one of another hospital."""
    reads = JournaledReads(sqlite, tmp_path / "audit")
    archive = ArchiveService(sqlite, storage, read_audit=reads)
    for uid in (FIRST, SECOND):
        store(archive, photo(StudyInstanceUID=STUDY, SeriesInstanceUID=SERIES, SOPInstanceUID=uid))
    store(archive, photo(StudyInstanceUID=LARGE, picture=b"\xff\xd8" + bytes(3_000_000) + b"\xff\xd9", PatientID="P2"))
    store(archive, photo(StudyInstanceUID=THEIRS, PatientID="P3"), caller=THERE)
    authenticator = Authenticator(sqlite, trust_local=True)

    def archive_for(request: Request) -> Archive:
        if "x-fail" in request.headers:
            raise ZeroDivisionError("nobody foresaw this")
        return archive.for_caller(authenticator.caller(request))

    def make(settings: DicomWebSettings) -> Starlette:
        assert sqlite.short_turns is not None
        made = create_app(archive_for, settings, turn=sqlite.short_turns.turn)
        failures.install(made)
        made.add_exception_handler(NotPermitted, domain_error(403))
        return made

    yield House(sqlite, reads, make)
    reads.close()


def _both(house: House, wanted: Sequence[Asked], settings: DicomWebSettings | None = None) -> tuple[Left, Left]:
    app = house.make(settings or DicomWebSettings(matchable_keys=SUPPORTED_KEYS))
    general, straight = (_left(house, way, wanted) for way in (app, StraightWay(app)))
    return general, straight


def _left(house: House, app: ASGIApp, wanted: Sequence[Asked]) -> Left:
    metrics = Metrics(house.database)
    logger, lines = logging.getLogger("gateway.http"), _Lines()
    logger.addHandler(lines)
    before, last = logger.level, _last_audit(house.database)
    logger.setLevel(logging.INFO)
    try:
        told = asyncio.run(_ask_all(AccessLog(app, metrics), wanted))
    finally:
        logger.removeHandler(lines)
        logger.setLevel(before)
    house.reads.move()
    return Left(told, _audit(house.database, last), _figures(metrics), lines.seen)


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[Any, ...]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(tuple(record.__dict__[name] for name in ("method", "route", "status")))


def _last_audit(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.max(AuditRow.number))) or 0


def _audit(database: Database, after: int) -> list[tuple[Any, ...]]:
    """What came into the trail since."""
    row = AuditRow.__table__.c
    told = (row.caller_id, row.hospital_id, row.action, row.outcome, row.subject, row.detail)
    with database.read() as session:
        query = select(*told).where(row.number > after).order_by(row.number)
        return [tuple(map(str, one)) for one in session.execute(query)]


def _figures(metrics: Metrics) -> list[tuple[str, tuple[tuple[str, str], ...], float]]:
    return sorted(
        (sample.name, tuple(sorted(sample.labels.items())), sample.value)
        for family in (*metrics.requests.collect(), *metrics.seconds.collect())
        for sample in family.samples
        if sample.name.endswith(("_total", "_count"))
    )


async def _ask_all(app: ASGIApp, wanted: Sequence[Asked]) -> list[Told]:
    return [await _ask(app, one) for one in wanted]


async def _ask(app: ASGIApp, asked: Asked) -> Told:
    sent: list[Message] = []
    half = len(asked.body) // 2
    waiting: list[Message] = [
        {"type": "http.request", "body": asked.body[half:], "more_body": False},
        {"type": "http.request", "body": asked.body[:half], "more_body": True},
    ]

    async def receive() -> Message:
        while not waiting:  # the client stays
            await asyncio.Event().wait()
        return waiting.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    raised = None
    try:
        await app(_scope(asked), receive, send)
    except ZeroDivisionError as error:
        raised = type(error)
    head, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])
    headers = [field for field in head["headers"] if field[0] != b"x-request-id"]
    return Told(head["status"], headers, body, raised)


def _scope(asked: Asked) -> Scope:
    fields = (("Host", "127.0.0.1:8080"), *asked.headers)
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.method, "scheme": "http",
        "path": ROOT + asked.path, "raw_path": b"", "query_string": asked.query.encode(), "root_path": ROOT,
        "app_root_path": "", "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in fields],
        "client": (asked.client, 4711), "server": ("127.0.0.1", 8080), "state": {},
    }  # fmt: skip


def _key(database: Database, role: Role, *hospitals: str) -> dict[str, str]:
    with database.write() as unit_of_work:
        secret = create_key(unit_of_work, name="test", roles=[role], hospitals=hospitals or None)
    return {"Authorization": f"Bearer {secret}"}


# -- what is asked

_INSTANCE = f"/studies/{STUDY}/series/{SERIES}/instances/{FIRST}"
PATHS = [
    "/studies", "/series", "/instances", f"/studies/{STUDY}/series", f"/studies/{STUDY}/instances",
    f"/studies/{STUDY}/series/{SERIES}/instances", _INSTANCE, f"{_INSTANCE}/frames/1", f"{_INSTANCE}/metadata",
    f"/studies/{STUDY}", f"/studies/{STUDY}/metadata", f"/studies/{STUDY}/series/{SERIES}/metadata",
    f"/studies/{LARGE}", f"/studies/{THEIRS}", f"/studies/{THEIRS}/metadata", "/studies/1.2.33",
]  # fmt: skip
ODD_PATHS = [
    "/studies/", "/studies//series", "/studies/x", "/studies/1..2/metadata", f"/studies/{STUDY}/", "/studies/1.2.3\n",
    f"/studies/{STUDY}/nothing", f"{_INSTANCE}/frames/0", f"{_INSTANCE}/frames/2", f"{_INSTANCE}/frames/1,x",
    f"{_INSTANCE}/frames/", f"{_INSTANCE}/bulkdata/7FE00010", f"{_INSTANCE}/bulkdata/00100010", f"{_INSTANCE}/rendered",
    f"{_INSTANCE}/{FIRST}", "/wado", "/nothing", "/", "", "/Studies", "//studies", f"/studies/{STUDY}/%2e",
    f"/studies/{STUDY}/series/{THEIRS}/instances/{FIRST}", "/studies/" + "1" * 70,
]  # fmt: skip
ACCEPTS = [
    None, "", "*/*", "application/dicom+json", "application/dicom+json;q=0.1, application/json", "application/json",
    'multipart/related; type="application/dicom+xml"', 'multipart/related; type="application/dicom"; transfer-syntax=*',
    'multipart/related; type="application/dicom"', "application/dicom; transfer-syntax=*", "application/zip",
    'multipart/related; type="image/jpeg"', "image/jpeg", "application/octet-stream", "text/html", "a/b/c", "image/png",
    'multipart/related; type="application/octet-stream"; transfer-syntax=*',
]  # fmt: skip
QUICK = ["*/*", "application/dicom+json", "application/dicom; transfer-syntax=*", "image/jpeg"]
OTHERS = [
    (), (("Accept-Encoding", "gzip"),), (("Range", "bytes=0-9"),), (("Range", "bytes=99999-"), ("If-Range", "x")),
    (("Range", "bytes=99999999-"),), (("If-None-Match", "*"),), (("If-None-Match", '"x", W/"y"'),),
]  # fmt: skip
QUERIES = [
    "", "PatientID=P1", "PatientName=*gil*&includefield=all", "PatientName=hong&fuzzymatching=true", "limit=0",
    "StudyDate=20260101-20261231&limit=1", "limit=1&offset=1", "offset=7", "PatientID=nobody", "Nothing=1",
    "PatientID=a&PatientID=b", "StudyDate=yesterday", "SOPInstanceUID=x", "limit=-1", "PatientComments=x",
    "RequestAttributesSequence.00400009=1", "PatientName=%ff", "accept=application/dicom%2Bxml",
    "accept=application/dicom+json", "emptyvaluematching=true", "includefield=00104000&StudyInstanceUID=1.2.3,1.9.9",
]  # fmt: skip


def _with(accept: str | None, others: tuple[tuple[str, str], ...] = ()) -> tuple[tuple[str, str], ...]:
    return others if accept is None else (("Accept", accept), *others)


def _same(ways: tuple[Left, Left], wanted: Sequence[Asked]) -> Left:
    general, straight = ways
    for asked, one, other in zip(wanted, general.told, straight.told, strict=True):
        assert one == other, asked
    assert straight.audit == general.audit
    assert straight.figures == general.figures
    assert straight.lines == general.lines
    return straight


def test_for_whatever_is_accepted_ranged_known_or_coded(house: House) -> None:
    asked = [*product(PATHS, ACCEPTS, [()]), *product(PATHS, QUICK, OTHERS)]
    wanted = [Asked(path, "", _with(accept, others)) for path, accept, others in asked]
    left = _same(_both(house, wanted), wanted)
    assert {200, 206, 304, 400, 404, 406, 416} <= {one.status for one in left.told}


def test_for_what_the_client_has_already(house: House) -> None:
    first = [Asked(path, "", _with(accept, coded)) for path, accept, coded in product(PATHS, QUICK, OTHERS[:2])]
    told = _both(house, first)[0].told
    tags = [dict(one.headers).get(b"etag", b"").decode() for one in told]
    again = [
        replace(asked, headers=(*asked.headers, ("If-None-Match", form.format(tag))))
        for asked, tag in zip(first, tags, strict=True)
        for form in ("{}", "W/{}", '"other", {}')
        if tag
    ]
    left = _same(_both(house, again), again)
    assert {200, 304} == {one.status for one in left.told}  # a tag that is weakened twice is no tag


def test_for_every_search(house: House) -> None:
    searched = (*PATHS[:6], _INSTANCE)
    wanted = [Asked(path, query, _with(accept)) for path, query, accept in product(searched, QUERIES, ACCEPTS[:4])]
    left = _same(_both(house, wanted), wanted)
    assert {200, 204, 400} <= {one.status for one in left.told}
    assert any(b"warning" in dict(one.headers) for one in left.told)


def test_for_paths_and_methods_of_no_such_shape(house: House) -> None:
    methods = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "BREW")
    wanted = [
        Asked(path, "", _with(accept), method)
        for path, accept, method in product([*PATHS, *ODD_PATHS], (None, "application/dicom+json"), methods)
    ]
    left = _same(_both(house, wanted), wanted)
    assert {200, 404, 405} <= {one.status for one in left.told}


def test_for_a_server_that_wants_accept_and_one_that_pages_of_others_may_ask(house: House) -> None:
    others: list[tuple[tuple[str, str], ...]] = [(), (("Origin", ORIGIN),), (("Origin", "https://evil.example"),)]
    strict = DicomWebSettings(strict_accept=True, cors_origins=(ORIGIN,), public_url="https://hospital.example/dw/")
    wanted = [Asked(path, "", _with(accept, other)) for path, accept, other in product(PATHS, ACCEPTS[:6], others)]
    left = _same(_both(house, wanted, strict), wanted)
    assert {200, 401, 406} <= {one.status for one in left.told}


def test_for_whoever_asks(house: House) -> None:
    viewer = _key(house.database, Role.VIEWER, "here")
    keys: list[dict[str, str]] = [
        {}, viewer, _key(house.database, Role.VIEWER, "there"), _key(house.database, Role.MODALITY),
        _key(house.database, Role.ADMINISTRATOR), {"Authorization": "Bearer dgk_wrong"},
        {"Authorization": "Basic eDp5"}, {"Authorization": ""}, {**viewer, "X-Forwarded-For": "10.0.0.1"},
        {**viewer, "Host": "hospital.example"}, {**viewer, "X-Fail": "1"},
    ]  # fmt: skip
    wanted = [Asked(path, "", tuple(key.items())) for path in [*PATHS, *ODD_PATHS] for key in keys]
    left = _same(_both(house, wanted), wanted)
    assert {200, 401, 403, 404, 500} <= {one.status for one in left.told}
    assert ZeroDivisionError in {one.raised for one in left.told}


def test_for_whoever_is_taken_for_the_local_administrator_or_not(house: House) -> None:
    others = [(), (("Sec-Fetch-Site", "cross-site"),), (("Sec-Fetch-Site", "same-origin"),), (("Forwarded", "for=x"),)]
    wanted = [
        Asked(path, "", other, client=client)
        for path in PATHS
        for other in others
        for client in ("127.0.0.1", "10.1.1.1")
    ]
    left = _same(_both(house, wanted), wanted)
    assert {200, 401} <= {one.status for one in left.told}


_FILE = part10(photo(StudyInstanceUID=STUDY, SeriesInstanceUID=SERIES, SOPInstanceUID=FIRST))
_CHANGED = part10(photo(StudyInstanceUID=STUDY, SeriesInstanceUID=SERIES, SOPInstanceUID=FIRST, PatientComments="x"))
BODIES = [
    (), (_FILE,), (_CHANGED,), (_FILE, _CHANGED), (b"no DICOM",), (b"",), (_FILE[:400],),
    (part10(photo(StudyInstanceUID=STUDY, PatientID="P9")),),
]  # fmt: skip
KINDS = [
    'multipart/related; type="application/dicom"; boundary=b', "multipart/related; boundary=b", "application/dicom",
    'multipart/related; type="application/dicom"', "multipart/related; type=text/plain; boundary=b", "text/plain", "",
    'multipart/related; type="application/dicom+json"; boundary=b', "application/dicom+xml",
]  # fmt: skip


def _body(files: Sequence[bytes], kind: str) -> bytes:
    if not kind.startswith("multipart"):
        return b"".join(files)
    return b"".join(b"\r\n--b\r\n\r\n" + file for file in files) + b"\r\n--b--"


def test_for_whatever_is_stored(house: House) -> None:
    paths = ("/studies", f"/studies/{STUDY}", "/studies/1.2.77", "/studies/x", f"/studies/{STUDY}/series", "/series")
    key = _key(house.database, Role.MODALITY, "here")
    wanted = [
        Asked(path, "", (("Content-Type", kind), *key.items()), "POST", body=_body(files, kind))
        for path, files, kind in product(paths, BODIES, KINDS)
    ]
    left = _same(_both(house, wanted), wanted)
    assert {200, 202, 400, 405, 409, 415} <= {one.status for one in left.told}
    assert "import" in {action for _caller, _hospital, action, *_rest in left.audit}


def test_for_whoever_stores(house: House) -> None:
    modality = _key(house.database, Role.MODALITY, "here")
    keys: list[dict[str, str]] = [
        {}, modality, _key(house.database, Role.MODALITY, "there"), _key(house.database, Role.VIEWER),
        {"Authorization": "Bearer dgk_wrong"}, {**modality, "X-Fail": "1"}, {**modality, "Accept": "text/html"},
        {**modality, "Accept": "application/dicom+xml"}, {**modality, "Content-Length": "9" * 30},
        {**modality, "Content-Encoding": "gzip"}, {**modality, "Accept-Encoding": "gzip"},
    ]  # fmt: skip
    fixed = (("Content-Type", KINDS[0]),)
    body = _body([_FILE, *([b"no DICOM"] * 40)], KINDS[0])
    wanted = [Asked("/studies", "", (*fixed, *key.items()), "POST", body=body) for key in keys]
    left = _same(_both(house, wanted), wanted)
    assert {202, 401, 403, 406, 409, 413, 415, 500} <= {one.status for one in left.told}


def test_in_two_messages(house: House) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("no body is asked for")

    async def send(message: Message) -> None:
        sent.append(message)

    app = StraightWay(house.make(DicomWebSettings()))
    for path in PATHS[:12]:
        sent.clear()
        asyncio.run(app(_scope(Asked(path, "", _with(None, (("Accept-Encoding", "gzip"),)))), receive, send))
        assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


def test_where_nothing_lies_before_the_resources(house: House) -> None:
    async def status(way: ASGIApp, path: str) -> int:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        await way({**_scope(Asked("")), "root_path": "", "path": path}, receive, send)
        return int(sent[0]["status"])

    app = house.make(DicomWebSettings())
    for path, wanted in (("/studies", 200), ("/dicom-web/studies", 404), ("studies", 404), ("/", 400)):
        assert [asyncio.run(status(way, path)) for way in (app, StraightWay(app))] == [wanted, wanted]
