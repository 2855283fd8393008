"""A whole gateway answers queries: who may, and what its settings say."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dimse.querying import FindStatus
from gateway.access.caller import Caller, Role
from gateway.access.keys import create_key
from gateway.config import Settings
from gateway.runtime import Gateway
from tests.integration.archive.acts import store
from tests.integration.dimse.finding import Answers, ask, associated
from tests.unit.archive.samples import photo

OWNER = Caller("owner", frozenset({Role.ADMINISTRATOR}), frozenset({"default"}))


@contextmanager
def running(folder: Path, **sections: Any) -> Iterator[Gateway]:
    """A gateway with two studies that only listens for DIMSE."""
    archive = {"database": f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"}
    sections = {"archive": archive, "dimse": {"port": 0}, **sections}
    with Gateway(Settings.model_validate(sections), frozenset({"dimse"})) as gateway:
        store(gateway.archive, photo(StudyID="S1"), photo(StudyID="S2"), caller=OWNER)
        yield gateway


def asked(gateway: Gateway) -> Answers:
    with associated(gateway.dimse_port) as association:
        return ask(association, {"PatientID": "P1", "StudyID": ""})


def test_on_loopback_everybody_may_query_until_a_key_is_made(tmp_path: Path) -> None:
    with running(tmp_path) as gateway:
        assert sorted(item.StudyID for item in asked(gateway).items) == ["S1", "S2"]
        with gateway.database.write() as unit_of_work:
            create_key(unit_of_work, name="app", roles=[Role.APP], hospitals=None)
        assert asked(gateway).final.Status == FindStatus.NOT_AUTHORISED


def test_nobody_may_where_strangers_on_this_machine_are_not_trusted(tmp_path: Path) -> None:
    with running(tmp_path, access={"loopback_admin": False}) as gateway:
        assert asked(gateway).final.Status == FindStatus.NOT_AUTHORISED


@pytest.mark.parametrize(
    ("may", "hospital", "status", "count"),
    [
        (["echo", "store"], "default", FindStatus.NOT_AUTHORISED, 0),
        (["find"], "default", FindStatus.SUCCESS, 2),
        (["find"], "north", FindStatus.SUCCESS, 0),
    ],
)
def test_a_listed_peer_may_what_its_line_says(
    tmp_path: Path, may: list[str], hospital: str, status: int, count: int
) -> None:
    peers = [{"ae_title": "VIEWER", "host": "127.0.0.1", "may": may, "hospital": hospital}]
    hospitals = [{"name": "default"}, {"name": "north"}]
    with running(tmp_path, peers=peers, hospitals=hospitals) as gateway:
        found = asked(gateway)
    assert (found.final.Status, len(found.items)) == (status, count)


def test_the_settings_cap_the_answers(tmp_path: Path) -> None:
    with running(tmp_path, dimse={"port": 0, "max_answers": 1}) as gateway:
        found = asked(gateway)
    assert (len(found.items), found.final.Status) == (1, FindStatus.OUT_OF_RESOURCES)
