"""What the pages ask first: what whoever calls may do here, so that they offer and ask for nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.access.caller import PERMISSIONS, Permission, Role
from gateway.config import Settings
from tests.e2e.photos import fill_store
from tests.integration.intake.served import Served
from tests.integration.library.acts import key
from tests.peers import LOOPBACK, free_port

PATH = "/api/v1/caller"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    fill_store(folder / "models", folder / "made")
    return folder / "models"


def settings(folder: Path, models: Path, **sections: object) -> Settings:
    tree: dict[str, object] = {
        "archive": {"database": f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"},
        "models": {"store": models},
        "http": {"port": free_port()},
        "dimse": {"port": free_port()},
        "hospitals": [{"name": "north"}, {"name": "south"}],
    }
    return Settings.model_validate(tree | sections)


@pytest.fixture
def plain(tmp_path: Path, models: Path) -> Iterator[Served]:
    with Served(settings(tmp_path, models)) as made:
        yield made


@pytest.fixture
def with_worklist(tmp_path: Path, models: Path) -> Iterator[Served]:
    worklist = {"host": LOOPBACK, "port": free_port(), "ae_title": "RIS", "hospital": "north"}
    with Served(settings(tmp_path, models, worklist=worklist)) as made:
        yield made


def told(served: Served, *roles: Role, **of: Any) -> dict[str, Any]:
    document: dict[str, Any] = served.get(PATH, Authorization=key(served, *roles, **of))
    return document


def test_who_shows_no_key_where_one_is_needed_is_told_so(plain: Served) -> None:
    key(plain, Role.APP)
    assert plain.http.get(PATH).status_code == 401


def test_the_local_administrator_may_everything(plain: Served) -> None:
    assert plain.get(PATH) == {
        "permissions": sorted(Permission), "hospitals": None, "one_patient": False, "worklist": False,
        "explanations": True,
    }  # fmt: skip


@pytest.mark.parametrize("role", [Role.APP, Role.CLINICIAN, Role.MONITOR])
def test_a_key_may_what_its_roles_may(plain: Served, role: Role) -> None:
    answer = told(plain, role, hospitals=["south"])
    assert (answer["permissions"], answer["hospitals"]) == (sorted(PERMISSIONS[role]), ["south"])


def test_a_key_of_one_patient_is_told_so(plain: Served) -> None:
    assert told(plain, Role.APP, hospitals=["north"], patient="1")["one_patient"] is True


def test_a_worklist_is_there_for_who_may_search_it_in_its_hospital_alone(with_worklist: Served) -> None:
    served = with_worklist
    asked = [
        told(served, Role.CLINICIAN, hospitals=["north"]),
        told(served, Role.CLINICIAN, hospitals=["south"]),
        told(served, Role.APP, hospitals=["north"]),
        told(served, Role.CLINICIAN, hospitals=["north"], patient="1"),
    ]
    assert [answer["worklist"] for answer in asked] == [True, False, False, False]


def test_explanations_that_are_switched_off_are_not_offered(tmp_path: Path, models: Path) -> None:
    with Served(settings(tmp_path, models, explanation={"when": "never"})) as served:
        assert served.get(PATH)["explanations"] is False
