"""What PS3.18 has not and many servers have: DELETE, and a feed of changes."""

import pytest

from tests.integration.dicomweb.conftest import Server
from tests.integration.dicomweb.test_http import INSTANCE, assert_problem, store
from tests.unit.dicomweb.samples import photo

STUDY = "/studies/1.2.3.1"


def test_everything_at_once_cannot_be_deleted(server: Server) -> None:
    response = server.http.delete("/studies")
    assert_problem(response, 405)
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    ("path", "status"), [("/studies/1.2.9", 404), ("/studies/no-uid", 400), (f"{STUDY}/series/1.2.9", 404)]
)
def test_what_is_not_there_is_not_deleted(server: Server, path: str, status: int) -> None:
    store(server, photo())
    assert_problem(server.http.delete(path), status)
    assert server.http.get(INSTANCE).status_code == 200


@pytest.mark.parametrize("path", [INSTANCE, f"{STUDY}/series/1.2.3.2", STUDY])
def test_what_was_deleted_is_not_there_any_more(server: Server, path: str) -> None:
    store(server, photo())
    response = server.http.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    assert server.http.delete(path).status_code == 404
    assert server.http.get(f"{INSTANCE}/metadata").status_code == 404
    assert server.http.get("/studies").status_code == 204


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=0", "limit=1001", "limit=", "after=9999999999999999999"]
)
def test_a_question_for_changes_that_makes_no_sense_is_refused(server: Server, query: str) -> None:
    assert_problem(server.http.get(f"/changes?{query}"), 400)


def test_changes_are_told_page_by_page(server: Server) -> None:
    store(server, *[photo(instance=f"1.2.3.{n}", number=n) for n in range(1, 4)])
    server.http.delete(f"{STUDY}/series/1.2.3.2/instances/1.2.3.2")
    page = server.http.get("/changes?limit=3").json()
    assert [(one["number"], one["change"], one["sop_instance_uid"]) for one in page["changes"]] == [
        (1, "stored", "1.2.3.1"), (2, "stored", "1.2.3.2"), (3, "stored", "1.2.3.3"),
    ]  # fmt: skip
    assert (page["next"], page["more"]) == (3, True)
    page = server.http.get("/changes?after=3").json()
    assert set(page["changes"][0]) == {
        *("number", "at", "change", "study_instance_uid", "series_instance_uid", "sop_instance_uid", "sha256")
    }
    assert [(one["change"], one["sop_instance_uid"]) for one in page["changes"]] == [("deleted", "1.2.3.2")]
    assert server.http.get("/changes?after=4").json() == {"changes": [], "next": 4, "more": False}


def test_changes_are_json_only(server: Server) -> None:
    assert_problem(server.http.get("/changes", headers={"Accept": "text/html"}), 406)
