"""The trainer reads labels from a running gateway: over HTTP, with a key, through a cache that can be resumed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gateway.access.caller import Role
from gateway.config import Settings
from gateway.database import Database
from gateway.intake.tables import SubmissionRow
from gateway.review.tables import LabelRow
from tests.e2e.photos import fill_store, photo
from tests.integration.faces import key_for
from tests.integration.intake.served import Served
from tests.peers import LOOPBACK, free_port
from trainer.photos.dataset import Plan, assemble
from trainer.photos.errors import BadLabels, LabelsUnreachable
from trainer.photos.gateway_cache import open_cache
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_source import read_gateway


@dataclass
class Labelled:
    """A gateway with photos posted to it, and the key of a trainer."""

    served: Served
    key: str
    photos: list[dict[str, str]]

    @property
    def client(self) -> GatewayClient:
        return GatewayClient(f"http://{LOOPBACK}:{self.served.port}", self.key)

    def say(self, number: int, reason: str | None) -> None:
        document = {"usable": reason is None, "reason": reason}
        self.served.http.post(f"/api/v1/photos/{self.photos[number]['id']}/label", json=document).raise_for_status()


def trainer_key(database: Database, *roles: Role) -> str:
    return key_for(database, *roles)["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def labelled(tmp_path: Path) -> Iterator[Labelled]:
    fill_store(tmp_path / "models", tmp_path / "made")
    settings = Settings.model_validate({
        "archive": {"database": f"sqlite:///{tmp_path}/dermgate.db", "storage": f"{tmp_path}/objects"},
        "models": {"store": tmp_path / "models"},
        "http": {"port": free_port()},
        "dimse": {"port": free_port()},
    })  # fmt: skip
    with Served(settings) as served:
        # With a key in the gateway, a caller on this machine is nobody's administrator any more.
        served.http.headers.update(key_for(served.gateway.database, Role.ADMINISTRATOR))
        first = served.accepted(photo(0))
        photos = [first, served.accepted(photo(1), {"case_id": first["case_id"]}), served.accepted(photo(2))]
        yield Labelled(served, trainer_key(served.gateway.database, Role.TRAINER), photos)


def test_what_doctors_said_becomes_labelled_photos(labelled: Labelled, tmp_path: Path) -> None:
    labelled.say(0, None)
    labelled.say(1, "watermark")
    labelled.say(2, "out_of_focus")
    labelled.say(2, None)
    heard: list[tuple[int, int]] = []
    claims = read_gateway(labelled.client, tmp_path / "cache", lambda *done: heard.append(done))
    said = {claim.name: (claim.suitability, claim.said_by) for claim in claims.claims}
    first, second, third = (each["id"] for each in labelled.photos)
    assert said == {first: ("usable", "doctor"), second: ("watermark", "doctor"), third: ("usable", "doctor")}
    patients = {claim.name: claim.patient_id for claim in claims.claims}
    assert patients[first] == patients[second] != patients[third]
    assert heard == [(1, 3), (2, 3), (3, 3)]
    for claim in claims.claims:
        picture = labelled.served.http.get(f"/api/v1/photos/{claim.name}/picture").content
        assert claim.path.read_bytes() == picture
    with pytest.raises(BadLabels, match="no photo"):
        assemble(claims, Plan(wanted="diagnosis"))


def test_a_photo_that_the_gateways_model_refused_is_read_like_any_other(labelled: Labelled, tmp_path: Path) -> None:
    labelled.say(0, None)
    refused = labelled.photos[2]["id"]
    with labelled.served.gateway.database.write() as unit_of_work:
        row = unit_of_work.session.get_one(SubmissionRow, refused)
        case_id, row.case_id = row.case_id, None  # as a refused photo has it
    labelled.say(2, "out_of_focus")
    claims = read_gateway(labelled.client, tmp_path / "cache")
    patients = {claim.name: claim.patient_id for claim in claims.claims}
    first = labelled.photos[0]["id"]
    assert (str(patients[first]).partition(":")[0], patients[refused]) == ("patient", None)
    assert any("1 photos, refused" in note for note in claims.notes)
    with labelled.served.gateway.database.write() as unit_of_work:
        unit_of_work.session.get_one(SubmissionRow, refused).case_id = case_id  # it was in work, and is in now
    again = {claim.name: claim.patient_id for claim in read_gateway(labelled.client, tmp_path / "cache").claims}
    assert str(again[refused]).startswith("patient:")
    assert again[refused] != again[first] == patients[first]


def test_a_rule_does_not_speak_against_a_doctor(labelled: Labelled, tmp_path: Path) -> None:
    labelled.say(0, None)
    with labelled.served.gateway.database.write() as unit_of_work:
        row = unit_of_work.session.query(LabelRow).one()
        copied = {column.name: getattr(row, column.name) for column in LabelRow.__table__.columns}
        told = copied | {"number": row.number + 1, "usable": False, "reason": "not_skin", "source": "rule"}
        unit_of_work.session.add(LabelRow(**told))
    (claim,) = read_gateway(labelled.client, tmp_path / "cache").claims
    assert (claim.suitability, claim.said_by) == ("usable", "doctor")


def test_asking_again_goes_on_where_it_stopped(labelled: Labelled, tmp_path: Path) -> None:
    labelled.say(0, None)
    read_gateway(labelled.client, tmp_path / "cache")
    stored = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache/pictures").glob("*.jpg")}
    labelled.say(2, "not_skin")
    with (tmp_path / "cache/labels.jsonl").open("a") as file:
        file.write('{"number": 2, "pho')  # killed while writing
    claims = read_gateway(labelled.client, tmp_path / "cache").claims
    assert sorted(str(claim.suitability) for claim in claims) == ["not_skin", "usable"]
    assert len(stored) == 1
    assert all(path.stat().st_mtime_ns == when for path, when in stored.items())
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0


def test_a_photo_deleted_in_the_gateway_leaves_the_cache(labelled: Labelled, tmp_path: Path) -> None:
    labelled.say(0, None)
    labelled.say(1, None)
    read_gateway(labelled.client, tmp_path / "cache")
    gone = labelled.photos[0]["id"]
    labelled.served.http.delete(f"/api/v1/photos/{gone}").raise_for_status()
    claims = read_gateway(labelled.client, tmp_path / "cache")
    assert [each.name for each in claims.left_out] == [gone]
    assert [claim.name for claim in claims.claims] == [labelled.photos[1]["id"]]
    assert not list((tmp_path / "cache/pictures").glob(f"{gone}*"))


def test_a_key_that_may_not_is_told_what_it_needs(labelled: Labelled, tmp_path: Path) -> None:
    url = f"http://{LOOPBACK}:{labelled.served.port}"
    app = trainer_key(labelled.served.gateway.database, Role.APP)
    with pytest.raises(LabelsUnreachable, match=r"labels\.read.*role trainer"):
        read_gateway(GatewayClient(url, app), tmp_path / "cache")
    with pytest.raises(LabelsUnreachable, match="key is not valid") as refused:
        read_gateway(GatewayClient(url, "wrong-key"), tmp_path / "cache")
    assert "wrong-key" not in str(refused.value)


def test_a_gateway_that_is_not_there_is_tried_with_pauses_and_then_named(tmp_path: Path) -> None:
    pauses: list[float] = []
    client = GatewayClient(f"http://{LOOPBACK}:{free_port()}", pause=pauses.append)
    with pytest.raises(LabelsUnreachable, match="cannot be reached"):
        read_gateway(client, tmp_path / "cache")
    assert len(pauses) == 4
    assert pauses[0] < 1 < pauses[-1]


def test_the_cache_of_another_gateway_is_not_taken(labelled: Labelled, tmp_path: Path) -> None:
    read_gateway(labelled.client, tmp_path / "cache")
    with pytest.raises(BadLabels, match="another gateway"):
        read_gateway(GatewayClient(f"http://{LOOPBACK}:{free_port()}"), tmp_path / "cache")


@contextmanager
def answering(*answers: tuple[int, dict[str, str], bytes]) -> Iterator[tuple[str, list[str]]]:
    """An HTTP server that gives these answers in turn, the last one for ever; its address and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers[min(len(asked), len(answers) - 1)]
            asked.append(f"{self.path} {self.headers.get('Authorization')}")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # the client hangs up on an answer that is too long
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


EMPTY = b'{"labels": [], "next": 0, "more": false}'


def test_a_busy_gateway_and_a_cut_answer_are_asked_again() -> None:
    cut = {"Content-Length": str(len(EMPTY))}
    with answering((503, {}, b""), (429, {}, b""), (200, cut, EMPTY[:9]), (200, {}, EMPTY)) as (url, asked):
        page = GatewayClient(url, pause=lambda _: None).labels(7)
    assert page.labels == ()
    assert len(asked) == 4
    assert asked[0].startswith("/api/v1/labels?after=7&limit=500")


def test_a_redirect_is_not_followed_with_the_key() -> None:
    with (
        answering((200, {}, EMPTY)) as (elsewhere, strangers),
        answering((302, {"Location": elsewhere}, b"")) as (url, _),
        pytest.raises(LabelsUnreachable, match="302"),
    ):
        GatewayClient(url, "secret").labels(0)
    assert strangers == []


@pytest.mark.parametrize("body", [b"no json", b"[" * 100_000, b" " * (8 * 2**20 + 1)])
def test_an_answer_that_is_none_or_too_long_is_refused(body: bytes) -> None:
    with answering((200, {}, body)) as (url, asked), pytest.raises(LabelsUnreachable):
        GatewayClient(url, pause=lambda _: None).labels(0)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("file", "content", "complaint"),
    [
        ("labels.jsonl", b"{}\n", "damaged"),
        ("labels.jsonl", b"x" * 5000 + b"\n", "damaged"),
        ("gateway.json", b"[]", "cannot be read"),
        ("gateway.json", b'{"url": "http://other"}', "another gateway"),
    ],
)
def test_a_cache_that_was_tampered_with_is_refused(tmp_path: Path, file: str, content: bytes, complaint: str) -> None:
    tmp_path.joinpath("cache").mkdir()
    (tmp_path / "cache" / file).write_bytes(content)
    with pytest.raises(BadLabels, match=complaint), open_cache(tmp_path / "cache", "http://here"):
        pass


def test_a_cache_serves_one_run_at_a_time(tmp_path: Path) -> None:
    with open_cache(tmp_path / "cache", "http://here"), pytest.raises(BadLabels, match="another run"):
        open_cache(tmp_path / "cache", "http://here").__enter__()


def test_a_picture_is_kept_only_where_it_is_one(tmp_path: Path) -> None:
    with open_cache(tmp_path / "cache", "http://here") as kept:
        assert kept.keep_picture("a", b"<html>", "c") is None
        assert kept.picture("a") is None
        assert kept.keep_picture("b", photo(1, "PNG"), "c") == kept.picture("b")
        kept.forget_picture("b")
        assert kept.picture("b") is None
