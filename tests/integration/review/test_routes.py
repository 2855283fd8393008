from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.access.caller import LOCAL_ADMINISTRATOR, Role
from gateway.database import Database
from gateway.review.labels import add_label
from gateway.review.referrals import refer
from tests.integration.faces import app_over, key_for, served
from tests.integration.review.cases import opened


@pytest.fixture
def client(sqlite: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    with served(app_over(sqlite, tmp_path)) as made:
        yield made


def test_the_trainer_reads_labels_page_by_page(client: httpx.Client, sqlite: Database) -> None:
    for reason in ("watermark", None, "not_skin"):
        with sqlite.write() as unit_of_work:
            add_label(
                unit_of_work, LOCAL_ADMINISTRATOR,
                hospital="default", photo_id="p", usable=reason is None, reason=reason,
            )  # fmt: skip
    key = key_for(sqlite, Role.TRAINER)
    page = client.get("/api/v1/labels", params={"limit": 2}, headers=key).json()
    assert [(label["number"], label["reason"]) for label in page["labels"]] == [(1, "watermark"), (2, None)]
    assert set(page["labels"][0]) == {
        "number",
        "hospital",
        "photo_id",
        "kind",
        "usable",
        "reason",
        "diagnosis",
        "alternatives",
        "withdrawn",
        "superseded",
        "source",
        "said_at",
        "said_by",
        "about",
    }
    assert (page["next"], page["more"]) == (2, True)
    rest = client.get("/api/v1/labels", params={"after": 2}, headers=key).json()
    assert (rest["labels"][0]["number"], rest["next"], rest["more"]) == (3, 3, False)


def test_a_clinician_reads_the_referrals_that_wait(client: httpx.Client, sqlite: Database) -> None:
    opened(sqlite)
    with sqlite.write() as unit_of_work:
        refer(unit_of_work, hospital="north", case_id="1", reasons=["undecided"])
    found = client.get("/api/v1/referrals", headers=key_for(sqlite, Role.CLINICIAN)).json()["referrals"]
    assert [(each["case_id"], each["state"], each["reasons"]) for each in found] == [("1", "open", ["undecided"])]


@pytest.mark.parametrize("path", ["labels?after=-1", "labels?limit=0", "labels?limit=1001", "referrals?limit=201"])
def test_bounds_are_kept(client: httpx.Client, path: str) -> None:
    assert client.get(f"/api/v1/{path}").status_code == 422


def test_who_may_not_look_is_told_so(client: httpx.Client, sqlite: Database) -> None:
    key = key_for(sqlite, Role.APP)
    assert client.get("/api/v1/labels", headers=key).status_code == 403
    assert client.get("/api/v1/referrals", headers=key).status_code == 403


def test_diseases_and_body_sites_are_told_in_the_callers_language(client: httpx.Client) -> None:
    def names(path: str, member: str, language: str) -> list[str]:
        found = client.get(f"/api/v1/{path}", headers={"Accept-Language": language}).json()[member]
        return [entry["name"] for entry in found]

    assert "악성 흑색종" in names("diseases", "diseases", "ko-KR")
    assert "Melanoma" in names("diseases", "diseases", "en")
    korean = names("body-sites", "body_sites", "ko")
    english = names("body-sites", "body_sites", "fr")
    assert len(korean) == len(english) > 10
    assert not set(korean) & set(english)
