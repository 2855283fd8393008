"""Explanations are kept beside the submission, for those who may see it, and go with it."""

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from gateway.access.caller import SYSTEM, Role
from gateway.access.keys import create_key
from gateway.access.tables import AuditRow
from gateway.archive.storage import Kind
from gateway.archive.tables import RemovedObjectRow
from gateway.config import Settings
from gateway.database import now
from gateway.events.tables import FollowerRow
from gateway.explanation.ahead import ExplainingAhead, leave_the_log
from gateway.explanation.shelf import Shelf
from gateway.explanation.turns import OneAfterAnother
from gateway.intake.submission import UnknownSubmission
from gateway.intake.tables import SubmissionRow
from gateway.operations.schedule import Schedule
from inference.store import ModelStore
from tests.e2e.photos import FAULT, add_model, fill_store, photo
from tests.integration.intake.conftest import MakeSettings
from tests.integration.intake.served import Served

MakeKey = Callable[..., dict[str, str]]


@pytest.fixture
def gateway(tmp_path: Path, settings_for: MakeSettings) -> Iterator[Served]:
    """A gateway of the test's own, on SQLite; `fresh` is one on each database."""
    hospitals = [{"name": "north"}, {"name": "south"}]
    with Served(settings_for(tmp_path, hospitals=hospitals)) as made:
        yield made


@pytest.fixture
def key(gateway: Served) -> MakeKey:
    def make(role: Role, *hospitals: str) -> dict[str, str]:
        with gateway.gateway.database.write() as unit_of_work:
            secret = create_key(unit_of_work, name=role, roles=[role], hospitals=hospitals or None)
        return {"Authorization": f"Bearer {secret}"}

    return make


def explanations(gateway: Served) -> list[str]:
    keys = gateway.gateway.storage.keys()
    return [one for one in keys if one.endswith(f".{Kind.EXPLANATION}")]


def explained(gateway: Served, **headers: str) -> tuple[dict[str, Any], dict[str, Any]]:
    submission = gateway.accepted(photo(1), None, **headers)
    return submission, gateway.get(submission["explanation"], **headers)


def test_a_model_that_sees_nothing_has_no_clear_region(gateway: Served) -> None:
    _, explanation = explained(gateway)
    assert (explanation["clear_region"], explanation["region"]) == (False, None)
    assert explanation["words"].startswith("No clear region")
    assert gateway.http.get(explanation["picture"]).status_code == 200
    assert gateway.http.get(explanation["heat"]).status_code == 200


def test_an_explanation_goes_with_its_photo_and_leaves_nothing(fresh: Served) -> None:
    submission, explanation = explained(fresh)
    assert explanations(fresh) == [f"{submission['id']}.explanation"]
    assert fresh.gateway.archive.verify(quick=False).sound
    fresh.http.delete(f"/api/v1/photos/{submission['id']}").raise_for_status()
    assert explanations(fresh) == []
    assert fresh.gateway.archive.verify(quick=False).sound
    assert fresh.http.get(submission["explanation"]).status_code == 404
    assert fresh.http.get(explanation["picture"]).status_code == 404


def test_a_photo_that_was_never_explained_is_deleted_as_before(gateway: Served) -> None:
    submission = gateway.accepted(photo(1))
    gateway.http.delete(f"/api/v1/photos/{submission['id']}").raise_for_status()
    with gateway.gateway.database.read() as session:
        awaiting = session.scalars(select(RemovedObjectRow.object_key)).all()
    assert not [one for one in awaiting if one.endswith(f".{Kind.EXPLANATION}")]


def test_an_old_rejected_photo_takes_its_explanation_along(tmp_path: Path, settings_for: MakeSettings) -> None:
    fill_store(tmp_path / "store", tmp_path / "made")
    add_model(tmp_path / "store", tmp_path / "made", "suitability", 2, FAULT)
    with Served(settings_for(tmp_path, models={"store": tmp_path / "store"})) as gateway:
        submission, explanation = explained(gateway)
        assert explanation["about"]["code"] == FAULT
        with gateway.gateway.database.write() as unit_of_work:
            old = now() - timedelta(days=91)
            unit_of_work.session.execute(update(SubmissionRow).values(received_at=old))
        schedule = Schedule(gateway.gateway.database, gateway.gateway.storage, gateway.gateway.settings.intake)
        assert schedule.tidy() == 1
        assert explanations(gateway) == []
        assert gateway.http.get(submission["explanation"]).status_code == 404


def test_a_photo_that_is_deleted_while_it_is_explained_leaves_nothing(fresh: Served) -> None:
    submission, _ = explained(fresh)
    shelf = Shelf(fresh.gateway.database, fresh.gateway.storage)
    kept = shelf.find(submission["id"])
    assert kept is not None
    fresh.http.delete(f"/api/v1/photos/{submission['id']}").raise_for_status()
    with pytest.raises(UnknownSubmission):
        shelf.keep(SYSTEM, submission["id"], kept)
    assert explanations(fresh) == []
    assert list(fresh.gateway.storage.pending_keys()) == []


def test_what_is_kept_and_cannot_be_read_is_made_anew(gateway: Served) -> None:
    submission, first = explained(gateway)
    storage = gateway.gateway.storage
    key = f"{submission['id']}.explanation"
    storage.delete(key)
    spoilt = storage.begin(Kind.EXPLANATION, submission["id"])
    spoilt.write(b'{"format": 2}')
    spoilt.finish()
    spoilt.keep()
    again = gateway.get(submission["explanation"])
    assert {**again, "made_at": ""} == {**first, "made_at": ""}
    assert gateway.get(submission["explanation"])["made_at"] == again["made_at"]


def test_an_explanation_that_a_dying_process_left_pending_stays_with_its_photo(gateway: Served) -> None:
    submission, _ = explained(gateway)
    gone = "0" * 32
    known = gateway.gateway._picture_keys({f"{submission['id']}.explanation", f"{gone}.explanation"})
    assert known == {f"{submission['id']}.explanation"}


def test_another_hospital_does_not_learn_that_there_is_one(gateway: Served, key: MakeKey) -> None:
    ours, theirs = key(Role.CLINICIAN, "north"), key(Role.CLINICIAN, "south")
    submission, explanation = explained(gateway, **ours)
    for place in (submission["explanation"], explanation["picture"], explanation["heat"]):
        assert gateway.http.get(place, headers=theirs).status_code == 404
        assert gateway.http.get(place, headers=ours).status_code == 200
        assert gateway.http.get(place).status_code == 401


def test_who_may_not_read_photos_may_not_read_explanations(gateway: Served, key: MakeKey) -> None:
    submission, explanation = explained(gateway, **key(Role.ADMINISTRATOR))
    for place in (submission["explanation"], explanation["picture"]):
        assert gateway.http.get(place, headers=key(Role.MONITOR)).status_code == 403


def test_making_and_reading_stand_in_the_audit_trail(gateway: Served) -> None:
    submission, explanation = explained(gateway)
    gateway.http.get(explanation["picture"])
    with gateway.gateway.database.read() as session:
        query = select(AuditRow.action).where(AuditRow.subject == f"photo/{submission['id']}")
        actions = sorted(session.scalars(query))
    assert actions == ["import", "instances-accessed", "patient-record", "patient-record"]


def test_a_photo_that_waits_has_no_explanation_yet(served: Served) -> None:
    waiting = served.post(photo(9), headers={"Prefer": "respond-async"}).json()
    assert waiting["explanation"] is None
    answer = served.http.get(f"/api/v1/photos/{waiting['id']}/explanation")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


def test_where_explanations_are_turned_off_there_are_none(tmp_path: Path, settings_for: MakeSettings) -> None:
    with Served(settings_for(tmp_path, explanation={"when": "never"})) as gateway:
        answer = gateway.http.get(gateway.accepted(photo(1))["explanation"])
        assert answer.status_code == 404
        assert "turned off" in answer.json()["detail"]


def test_too_many_at_one_time_are_asked_to_come_again(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    full = OneAfterAnother(0)
    monkeypatch.setattr(served.photos.explaining, "_turns", full)
    answer = served.http.get(served.accepted(photo(3))["explanation"])
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    full.close()


@pytest.fixture
def two_versions(tmp_path: Path, settings_for: MakeSettings) -> Settings:
    fill_store(tmp_path / "store", tmp_path / "made")
    return settings_for(tmp_path, models={"store": tmp_path / "store"})


def promote_second(settings: Settings, folder: Path, gateway: Served) -> None:
    add_model(settings.models.store, folder / "made", "disease", 2, "MEL")
    gateway.photos.models._serving["disease"].look()


def test_a_retired_model_explains_what_it_answered(two_versions: Settings, tmp_path: Path) -> None:
    with Served(two_versions) as gateway:
        submission = gateway.accepted(photo(1))
        promote_second(two_versions, tmp_path, gateway)
        explanation = gateway.get(submission["explanation"])
    assert (explanation["answered_by"], explanation["explained_by"]) == ("disease/1", "disease/1")


def test_where_it_is_gone_the_one_that_serves_explains_and_that_is_said(two_versions: Settings, tmp_path: Path) -> None:
    with Served(two_versions) as gateway:
        submission = gateway.accepted(photo(1))
        promote_second(two_versions, tmp_path, gateway)
        shutil.rmtree(ModelStore(two_versions.models.store).folder("disease", 1))
        explanation = gateway.get(submission["explanation"])
        assert gateway.get(submission["explanation"])["made_at"] == explanation["made_at"]
    assert (explanation["answered_by"], explanation["explained_by"]) == ("disease/1", "disease/2")
    assert "disease/1" in explanation["note"]
    assert explanation["about"]["code"] == "NEV"
    assert explanation["probability"] < 0.1


def test_photos_are_explained_ahead_once_whoever_asks(fresh: Served) -> None:
    before = fresh.accepted(photo(1))
    ahead, another = (ExplainingAhead(fresh.gateway.database, fresh.photos.explaining.ahead) for _ in range(2))
    ahead._take_place()
    after = [fresh.accepted(photo(number)) for number in (2, 3)]
    assert [ahead.work_once(), another.work_once(), ahead.work_once()] == [2, 0, 0]
    assert sorted(explanations(fresh)) == sorted(f"{one['id']}.explanation" for one in after)
    assert before["id"] not in "".join(explanations(fresh))


def test_a_photo_that_is_gone_does_not_hold_up_those_that_come_next(gateway: Served) -> None:
    ahead = ExplainingAhead(gateway.gateway.database, gateway.photos.explaining.ahead)
    ahead._take_place()
    gone, stays = gateway.accepted(photo(1)), gateway.accepted(photo(2))
    gateway.http.delete(f"/api/v1/photos/{gone['id']}").raise_for_status()
    assert ahead.work_once() == 2
    assert explanations(gateway) == [f"{stays['id']}.explanation"]


def test_who_stops_explaining_ahead_leaves_no_backlog(fresh: Served) -> None:
    ahead = ExplainingAhead(fresh.gateway.database, fresh.photos.explaining.ahead)
    ahead.start()
    ahead.stop()
    leave_the_log(fresh.gateway.database)
    with fresh.gateway.database.read() as session:
        assert "explanations" not in session.scalars(select(FollowerRow.name)).all()


def test_a_gateway_that_is_set_so_explains_by_itself(tmp_path: Path, settings_for: MakeSettings) -> None:
    with Served(settings_for(tmp_path, explanation={"when": "background"})) as made:
        made.gateway._start_explaining_ahead(made.photos.explaining)
        photos = [made.accepted(photo(number))["id"] for number in (1, 2)]
        deadline = time.monotonic() + 20
        while len(explanations(made)) < len(photos):
            assert time.monotonic() < deadline, "nobody explains"
            time.sleep(0.05)
        assert sorted(explanations(made)) == sorted(f"{one}.explanation" for one in photos)
