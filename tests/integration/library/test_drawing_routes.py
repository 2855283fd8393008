from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.access.caller import Role
from gateway.database import Database
from gateway.library.drawings import routes as drawing_routes
from tests.integration.faces import app_over, key_for, served


@pytest.fixture
def client(sqlite: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    app = app_over(sqlite, tmp_path)
    app.include_router(drawing_routes.router, prefix="/api/v1")
    with served(app) as running:
        yield running


def test_a_disease_that_nobody_knows_has_no_drawing(client: httpx.Client) -> None:
    assert client.get("/api/v1/diseases/no_such_disease/drawing").status_code == 404


@pytest.mark.parametrize("code", ["..%2F..%2Fetc", "UPPER", "a" * 65, "%3Cscript%3E"])
def test_what_can_be_no_code_is_refused(client: httpx.Client, code: str) -> None:
    assert client.get(f"/api/v1/diseases/{code}/drawing").status_code in {404, 422}


def test_a_key_that_is_not_valid_is_refused_and_any_that_is_will_do(client: httpx.Client, sqlite: Database) -> None:
    address = "/api/v1/diseases/acne/drawing"
    assert client.get(address, headers={"Authorization": "Bearer dg_nothing"}).status_code == 401
    key = key_for(sqlite, Role.MONITOR)
    assert client.get(address, headers=key).status_code == 200


def test_every_listed_disease_names_its_drawing_which_may_be_kept(client: httpx.Client) -> None:
    listed = client.get("/api/v1/diseases").json()["diseases"]
    for disease in (listed[0], listed[-1]):
        answer = client.get(disease["drawing"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.headers["cache-control"].startswith("public")
        assert answer.headers["content-security-policy"] == "default-src 'none'"
        assert disease["name"] in answer.text
        again = client.get(disease["drawing"], headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


def test_whether_it_can_wait_or_be_treated_at_home_is_told_in_words(client: httpx.Client) -> None:
    told = {language: _listed(client, language) for language in ("en", "ko")}
    assert told["en"]["melanoma"]["home"].startswith("No.")
    assert told["ko"]["nevus"]["home"].startswith("네.")
    assert told["ko"]["melanoma"]["wait"] != told["ko"]["nevus"]["wait"]


def _listed(client: httpx.Client, language: str) -> dict[str, Any]:
    answer = client.get("/api/v1/diseases", headers={"Accept-Language": language})
    return {each["code"]: each for each in answer.json()["diseases"]}
