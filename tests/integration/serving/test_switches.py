"""Switches of models become events: once, in order, over restarts and however many gateways look."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.access.caller import Scope
from gateway.database import Database
from gateway.events.log import EVERYWHERE, EventType, read
from gateway.serving.switches import SwitchTeller
from inference.history import Action, Change, append_change
from inference.store import ModelStore
from tests.models import make_manifest, write_model

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    store = ModelStore(tmp_path / "models")
    for version in (1, 2):
        store.add(write_model(tmp_path / str(version), make_manifest("disease", version=version)))
    store.promote("disease", 1)
    return store


def told(database: Database, hospitals: frozenset[str] | None = None) -> list[tuple[Any, Any]]:
    with database.read() as session:
        events = read(session, Scope(hospitals), after=0, limit=100, types=[EventType.MODEL_PROMOTED])
    assert {event.hospital for event in events} <= {EVERYWHERE}
    return [(event.data["version"], event.data["how"]) for event in events]


def test_what_was_done_before_anybody_looked_is_not_told(database: Database, store: ModelStore) -> None:
    SwitchTeller(database, store).look()
    assert told(database) == []


def test_each_switch_is_told_once_whoever_looks_and_however_often(database: Database, store: ModelStore) -> None:
    first, second = SwitchTeller(database, store), SwitchTeller(database, store)
    for teller in (first, second):
        teller.look()
    store.promote("disease", 2)
    store.rollback("disease")
    for teller in (first, second, first, SwitchTeller(database, store)):
        teller.look()
    assert told(database) == [(2, "promoted"), (1, "rolled_back")]
    store.promote("disease", 2, again=True)
    second.look()
    first.look()
    assert told(database)[2:] == [(2, "promoted")]
    assert told(database, frozenset({"seoul"})) == told(database)


def test_gateways_that_look_at_the_same_moment_tell_it_once(database: Database, store: ModelStore) -> None:
    tellers = [SwitchTeller(database, store) for _ in range(4)]
    tellers[0].look()
    store.promote("disease", 2)
    threads = [threading.Thread(target=teller.look) for teller in tellers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told(database) == [(2, "promoted")]


def test_a_switch_that_was_cut_short_is_told_when_it_is_made(sqlite: Database, store: ModelStore) -> None:
    teller = SwitchTeller(sqlite, store)
    teller.look()
    append_change(store.root / "disease" / "history", Change(NOON, Action.PROMOTED, 2))  # and then the power went
    teller.look()
    assert told(sqlite) == []
    store.promote("disease", 2)
    teller.look()
    assert told(sqlite)[-1] == (2, "promoted")


def test_who_looked_in_the_middle_of_a_switch_does_not_tell_it_again(
    sqlite: Database, store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = SwitchTeller(sqlite, store), SwitchTeller(sqlite, store)
    for teller in (first, second):
        teller.look()
    store.put_in_shadow("disease", 2)
    store.promote("disease", 2)
    first.look()
    with monkeypatch.context() as patch:
        patch.setattr(store, "serving", lambda _task: 1)  # read before it was replaced
        second.look()
    second.look()
    assert told(sqlite) == [(2, "promoted")]


def test_other_things_done_with_versions_are_no_switch(sqlite: Database, store: ModelStore) -> None:
    teller = SwitchTeller(sqlite, store)
    teller.look()
    store.put_in_shadow("disease", 2)
    store.retire("disease", 2)
    teller.look()
    assert told(sqlite) == []


def test_a_store_in_the_place_of_another_and_a_spoilt_history_stop_nobody(
    sqlite: Database, store: ModelStore, tmp_path: Path
) -> None:
    store.promote("disease", 2)
    SwitchTeller(sqlite, store).look()
    other = ModelStore(tmp_path / "other")
    other.add(write_model(tmp_path / "another", make_manifest("disease", version=1)))
    other.promote("disease", 1)
    SwitchTeller(sqlite, other).look()
    (other.root / "disease" / "history").write_text("what?\n")
    SwitchTeller(sqlite, other).look()
    assert told(sqlite) == []
