"""The trainer reads labels from a running gateway: over HTTP, with a key, through a cache that can be resumed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.access.caller import Role
from gateway.config import Settings
from gateway.database import Database
from gateway.review.tables import LabelRow
from tests.e2e.photos import fill_store, photo
from tests.integration.faces import key_for
from tests.integration.intake.served import Served
from tests.peers import LOOPBACK, free_port
from trainer.photos.dataset import Plan, assemble
from trainer.photos.errors import BadLabels, LabelsUnreachable
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
    with pytest.raises(LabelsUnreachable, match="role trainer"):
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
