"""DICOMweb of a whole gateway: who may delete and follow, pages of other origins, and what deleting does to a photo."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.access.caller import Role
from gateway.config import DEFAULT_HOSPITAL
from tests.e2e.photos import photo
from tests.integration.faces import key_for
from tests.integration.intake.conftest import MakeSettings
from tests.integration.intake.served import Served
from tests.peers import free_port

LISTED = {"Origin": "https://viewer.example"}
WADL = "application/vnd.sun.wadl+xml"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, settings_for: MakeSettings) -> Iterator[Served]:
    """A gateway of two hospitals with a destination that is down, where a key is needed."""
    settings = settings_for(
        tmp_path_factory.mktemp("guarded"),
        http={"port": free_port(), "cors_origins": [LISTED["Origin"]]},
        hospitals=[{"name": "north"}],
        destinations=[{"name": "pacs", "port": free_port(), "ae_title": "PACS"}],
    )
    with Served(settings) as made:
        made.http.headers.update(key_for(made.gateway.database, Role.ADMINISTRATOR))
        yield made


def key(served: Served, *roles: Role, hospitals: Sequence[str] = (DEFAULT_HOSPITAL,)) -> dict[str, str]:
    return key_for(served.gateway.database, *roles, hospitals=list(hospitals))


def submitted(served: Served, number: int) -> tuple[dict[str, Any], str]:
    """A photo that was taken, and the path of its study."""
    submission = served.accepted(photo(number), {"patient_id": f"P-{number}"})
    return submission, urlsplit(submission["dicom"]["url"]).path.partition("/series/")[0]


def changes(served: Served, after: int, headers: dict[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = served.get(f"/dicom-web/changes?after={after}", **headers)
    return document


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CLINICIAN, Role.MODALITY])
def test_deleting_needs_a_permission_of_its_own(guarded: Served, role: Role) -> None:
    _, study = submitted(guarded, 1)
    answer = guarded.http.delete(study, headers=key(guarded, role))
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert "instances.delete" in answer.json()["detail"]
    assert guarded.http.get(study).status_code == 200


def test_another_hospitals_administrator_finds_nothing_to_delete_or_to_follow(guarded: Served) -> None:
    _, study = submitted(guarded, 2)
    stranger = key(guarded, Role.ADMINISTRATOR, hospitals=["north"])
    assert guarded.http.delete(study, headers=stranger).status_code == 404
    assert guarded.http.get(study).status_code == 200
    assert changes(guarded, 0, stranger)["changes"] == []


def test_who_may_not_read_may_not_follow(guarded: Served) -> None:
    assert guarded.http.get("/dicom-web/changes", headers=key(guarded, Role.MODALITY)).status_code == 403


def test_a_deleted_study_leaves_the_submission_and_nothing_to_deliver(guarded: Served) -> None:
    viewer = key(guarded, Role.VIEWER)
    before = changes(guarded, 0, viewer)["next"]
    submission, study = submitted(guarded, 3)
    path = f"/api/v1/photos/{submission['id']}"
    assert [each["state"] for each in guarded.get(path)["deliveries"]] == ["queued"]
    assert guarded.http.delete(study).status_code == 204
    assert guarded.http.get(study).status_code == guarded.http.delete(study).status_code == 404
    assert guarded.get(path)["deliveries"] == []
    told = changes(guarded, before, viewer)
    uid = submission["dicom"]["sop_instance_uid"]
    assert [one["change"] for one in told["changes"] if one["sop_instance_uid"] == uid] == ["stored", "deleted"]
    assert len({one["sop_instance_uid"] for one in told["changes"]}) == len(told["changes"]) / 2  # the report as well
    assert changes(guarded, told["next"], viewer) == {"changes": [], "next": told["next"], "more": False}
    assert guarded.http.delete(path).status_code == 204


# -- pages of other origins


def test_a_page_of_a_listed_origin_needs_a_key_and_is_told_so(guarded: Served) -> None:
    with httpx.Client(base_url=guarded.http.base_url, trust_env=False, timeout=60) as without:
        for headers in (LISTED, {**LISTED, "Authorization": "Bearer dgk_no"}):
            answer = without.get("/dicom-web/studies", headers=headers)
            assert answer.status_code == 401
            assert answer.headers["access-control-allow-origin"] == LISTED["Origin"]
        preflight = {
            **LISTED,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        }
        assert without.options("/dicom-web/studies", headers=preflight).status_code == 200
    answer = guarded.http.get("/dicom-web/studies", headers=LISTED)
    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] == LISTED["Origin"]


def test_no_other_page_and_nothing_but_dicomweb_is_opened(guarded: Served) -> None:
    for path, origin in (("/dicom-web/studies", "https://evil.example"), ("/api/v1/photos", LISTED["Origin"])):
        answer = guarded.http.get(path, headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers


def test_listing_an_origin_makes_nobody_the_local_administrator(served: Served) -> None:
    assert served.http.get("/dicom-web/studies").status_code in (200, 204)
    assert served.http.get("/dicom-web/studies", headers=LISTED).status_code == 401


# -- capabilities


@pytest.mark.parametrize("path", ["/dicom-web", "/dicom-web/"])
def test_capabilities_are_told_at_the_base_with_or_without_a_slash(guarded: Served, path: str) -> None:
    answer = guarded.http.options(path, headers={"Accept": WADL})
    assert (answer.status_code, answer.headers["content-type"]) == (200, WADL)
    assert f'base="http://127.0.0.1:{guarded.port}/dicom-web/"' in answer.text
    assert 'path="workitems"' in answer.text
