"""How many reference cases there are of each disease: all that fit, however many, and no others."""

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from gateway.access.caller import Role
from gateway.access.tables import AuditRow
from gateway.library.tables import ReferenceCaseRow, ReferencePictureRow
from tests.e2e.photos import photo
from tests.integration.intake.served import Served
from tests.integration.library.acts import CASES, added, key, post_case

COUNTS = f"{CASES}/counts"
MORE_THAN_ANY_LISTING = 2_345


def filled(served: Served, count: int, *, hospital: str = "default", **values: object) -> None:
    """Rows of cases as staff would have added them, one a second, each with a picture."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    fixed: dict[str, object] = {
        "hospital_id": hospital, "disease": "nevus", "kind": "clinical", "sex": "F", "age_band": 30,
        "body_site": "back", "features": {}, "source": "staff", "added_by": "test",
    }  # fmt: skip
    rows = [
        {**fixed, **values, "id": uuid.uuid4().hex, "added_at": begun + timedelta(seconds=number)}
        for number in range(count)
    ]
    pictures = [
        {"case_id": row["id"], "number": 1, "hospital_id": hospital, "object_key": "none", "media_type": "image/jpeg"}
        for row in rows
    ]
    with served.gateway.database.write() as unit_of_work:
        unit_of_work.session.execute(insert(ReferenceCaseRow), rows)
        unit_of_work.session.execute(insert(ReferencePictureRow), pictures)


def counted(served: Served, query: str = "", **headers: str) -> dict[str, int]:
    return {each["code"]: each["cases"] for each in served.get(f"{COUNTS}?{query}", **headers)["diseases"]}


@pytest.mark.parametrize("query", ["sex=X", "age_band=41-50", "body_site=tail", "disease=" + 65 * "x"])
def test_what_cannot_be_counted_by_is_refused(small: Served, query: str) -> None:
    assert small.http.get(f"{COUNTS}?{query}").status_code == 422


def test_a_library_without_a_case_counts_none(small: Served) -> None:
    assert small.get(COUNTS) == {"cases": 0, "diseases": []}


def test_more_cases_than_any_listing_gives_are_counted_to_the_last(fresh: Served) -> None:
    filled(fresh, MORE_THAN_ANY_LISTING)
    filled(fresh, 3, disease="psoriasis", sex="M", body_site="forearm")
    assert fresh.get(COUNTS)["cases"] == MORE_THAN_ANY_LISTING + 3
    assert counted(fresh) == {"nevus": MORE_THAN_ANY_LISTING, "psoriasis": 3}


def test_each_disease_has_the_picture_of_its_newest_case_that_fits(fresh: Served) -> None:
    added(fresh, photo(1), disease="nevus", sex="F")
    woman = added(fresh, photo(2), disease="nevus", sex="F")
    man = added(fresh, photo(3), disease="nevus", sex="M")
    shown = [fresh.get(f"{COUNTS}?{query}")["diseases"][0]["picture"] for query in ("", "sex=F")]
    assert shown == [man["pictures"][0]["picture"], woman["pictures"][0]["picture"]]
    assert fresh.http.get(shown[0]).status_code == 200


def test_facts_narrow_what_is_counted_as_they_narrow_the_list(small: Served) -> None:
    filled(small, 2, body_site="nose")
    filled(small, 3, sex="M", age_band=90)
    queries = ("body_site=face", "body_site=arm", "sex=M", "age_band=90%2B", "age_band=30-39", "disease=melanoma")
    assert [sum(counted(small, query).values()) for query in queries] == [2, 0, 3, 3, 2, 0]


def test_a_withdrawn_case_counts_no_more(small: Served) -> None:
    case = added(small, photo(1))
    assert counted(small) == {"nevus": 1}
    small.http.delete(f"{CASES}/{case['id']}")
    assert counted(small) == {}


def test_no_hospital_counts_anothers_cases(fresh: Served) -> None:
    north = key(fresh, Role.CLINICIAN, hospitals=["north"])
    south = key(fresh, Role.CLINICIAN, hospitals=["south"])
    assert post_case(fresh, photo(1), {"disease": "nevus"}, Authorization=north).status_code == 201
    filled(fresh, 5, hospital="south", disease="acne")
    assert counted(fresh, Authorization=north) == {"nevus": 1}
    assert counted(fresh, Authorization=south) == {"acne": 5}


def test_who_may_list_no_cases_counts_none(small: Served) -> None:
    patient = key(small, Role.APP, hospitals=["north"], patient="1")
    viewer = key(small, Role.VIEWER, hospitals=["north"])
    statuses = [small.http.get(COUNTS, headers={"Authorization": each}).status_code for each in (patient, viewer)]
    assert [*statuses, small.http.get(COUNTS).status_code] == [403, 403, 401]


def test_counting_is_entered_in_the_audit_trail(small: Served) -> None:
    small.get(COUNTS)
    with small.gateway.database.read() as session:
        rows = session.query(AuditRow).all()
    assert [(row.action, row.subject) for row in rows] == [("query", "reference_cases")]


@pytest.mark.long
def test_a_library_of_a_hundred_thousand_cases_is_counted_soon(small: Served) -> None:
    for disease in ("nevus", "acne", "psoriasis", "melanoma"):
        filled(small, 25_000, disease=disease)
    begun = time.monotonic()
    assert small.get(COUNTS)["cases"] == 100_000
    assert time.monotonic() - begun < 3
