"""Reference cases that staff posts: what is refused, what is kept, who sees them, how they go."""

import io

import pytest
from PIL import Image

from gateway.access.caller import Role
from gateway.access.tables import AuditRow
from gateway.library.tables import ReferenceCaseRow, ReferenceEmbeddingRow, ReferencePictureRow
from tests.e2e.photos import photo, with_orientation
from tests.integration.intake.served import Served
from tests.integration.library.acts import CASES, added, cases, key, post_case, work


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "disease"),
        ({"disease": "measles of the moon"}, "disease"),
        ({"disease": "nevus", "sex": "X"}, "sex"),
        ({"disease": "nevus", "age_band": "41-50"}, "age_band"),
        ({"disease": "nevus", "age": "200"}, "age"),
        ({"disease": "nevus", "body_site": "tail"}, "body_site"),
        ({"disease": "nevus", "size_mm": "inf"}, "size_mm"),
        ({"disease": "nevus", "colour": "x" * 65}, "colour"),
        ({"disease": "nevus", "patient_name": "Hong^Gildong"}, "patient_name"),
        ({"disease": "nevus", "symptoms": "call 010-1234-5678"}, "symptoms"),
        ({"disease": "nevus", "onset": "2024-03-01"}, "onset"),
        ({"disease": "nevus", "symptoms": "hong@example.com"}, "symptoms"),
    ],
)
def test_fields_that_cannot_be_used_are_named_and_not_repeated(
    served: Served, fields: dict[str, str], field: str
) -> None:
    response = post_case(served, photo(1), fields)
    assert response.status_code == 422
    assert [fault["field"] for fault in response.json()["errors"]] == [field]
    assert "Hong" not in response.text
    assert "1234" not in response.text


def test_what_is_no_picture_is_refused(served: Served) -> None:
    assert post_case(served, b"no picture at all", {"disease": "nevus"}).status_code == 415
    assert post_case(served, None, {"disease": "nevus"}).status_code == 422
    assert post_case(served, photo(1)[:2000], {"disease": "nevus"}).status_code == 422
    assert not served.count(ReferenceCaseRow)


def test_a_case_says_what_was_said_of_it_and_its_age_only_by_tens(served: Served) -> None:
    case = added(
        served, photo(2), sex="F", age="43", body_site="forearm", laterality="L", itch="true", colour="brown",
        food_eaten="prawns", size_mm="6.5", shape="oval", symptoms="itches at night", onset="three weeks",
    )  # fmt: skip
    assert case["disease"] == {"code": "nevus", "name": case["disease"]["name"]}
    assert (case["sex"], case["age_band"], case["laterality"]) == ("F", "40-49", "L")
    assert case["body_site"]["slug"] == "forearm"
    assert case["features"] == {
        "itch": True, "colour": "brown", "food_eaten": "prawns", "size_mm": 6.5, "shape": "oval",
        "symptoms": "itches at night", "onset": "three weeks",
    }  # fmt: skip
    assert (case["source"], case["kind"]) == ("staff", "clinical")
    assert served.get(f"{CASES}/{case['id']}") == case
    korean = served.get(f"{CASES}/{case['id']}", **{"Accept-Language": "ko"})
    assert korean["disease"]["name"] != case["disease"]["name"]


def test_a_picture_is_upright_and_tells_nothing_of_its_owner(served: Served) -> None:
    exif = with_orientation(6) + b""
    case = added(served, photo(3, exif=exif))
    picture = served.http.get(case["pictures"][0]["picture"])
    assert picture.headers["content-type"] == "image/jpeg"
    assert b"Exif" not in picture.content
    with Image.open(io.BytesIO(picture.content)) as image:
        assert image.height > image.width


def test_a_case_may_have_several_pictures_and_not_any_number(served: Served) -> None:
    case = added(served, photo(4))
    path = f"{CASES}/{case['id']}/pictures"
    for number in range(7):
        assert post_case(served, photo(10 + number), {}, path).status_code == 201
    assert post_case(served, photo(20), {}, path).status_code == 409
    assert post_case(served, photo(20), {"sex": "F"}, path).status_code == 422
    shown = served.get(f"{CASES}/{case['id']}")["pictures"]
    assert [each["number"] for each in shown] == list(range(1, 9))
    assert len({served.http.get(each["picture"]).content for each in shown}) == 8
    work(served)
    assert not list(served.gateway.storage.pending_keys())


def test_the_same_request_again_is_the_same_case(fresh: Served) -> None:
    headers = {"Idempotency-Key": "one"}
    first = post_case(fresh, photo(1), {"disease": "nevus"}, **headers)
    again = post_case(fresh, photo(1), {"disease": "nevus"}, **headers)
    assert first.json() == again.json()
    assert post_case(fresh, photo(2), {"disease": "nevus"}, **headers).status_code == 422
    assert len(cases(fresh)) == 1


def test_the_list_filters_and_pages(small: Served) -> None:
    for number, (disease, sex, age, site) in enumerate(
        [
            ("nevus", "F", "30", "nose"),
            ("nevus", "M", "30", "back"),
            ("melanoma", "F", "71", "face"),
            ("nevus", "F", "95", ""),
        ]
    ):
        added(small, photo(number), disease=disease, sex=sex, age=age, body_site=site)

    def count(query: str) -> int:
        return len(small.get(f"{CASES}?{query}")["cases"])

    assert [count(query) for query in ("disease=nevus", "sex=F", "age_band=30-39", "age_band=90%2B")] == [3, 3, 2, 1]
    assert [count(query) for query in ("body_site=face", "body_site=nose", "body_site=arm")] == [2, 1, 0]
    assert count("disease=nevus&sex=F&age_band=30-39&body_site=face") == 1
    seen, cursor = [], ""
    for _ in range(4):
        page = small.get(f"{CASES}?limit=1{cursor}")
        seen += [case["id"] for case in page["cases"]]
        cursor = f"&cursor={page['next']}"
    assert len(set(seen)) == 4
    assert page["next"] is None
    assert small.http.get(f"{CASES}?cursor=nonsense").status_code == 422
    assert small.http.get(f"{CASES}?body_site=tail").status_code == 422


def test_a_withdrawn_case_is_gone_with_all_that_it_was(fresh: Served) -> None:
    case = added(fresh, photo(1), sex="F", body_site="back", symptoms="itches")
    work(fresh)
    objects = len(list(fresh.gateway.storage.keys()))
    assert fresh.count(ReferenceEmbeddingRow) == 1
    assert fresh.http.delete(f"{CASES}/{case['id']}").status_code == 204
    for path in (f"{CASES}/{case['id']}", case["pictures"][0]["picture"]):
        assert fresh.http.get(path).status_code == 404
    assert fresh.http.delete(f"{CASES}/{case['id']}").status_code == 404
    assert cases(fresh) == []
    assert (fresh.count(ReferenceEmbeddingRow), fresh.count(ReferencePictureRow)) == (0, 0)
    assert len(list(fresh.gateway.storage.keys())) == objects - 1
    with fresh.gateway.database.read() as session:
        left = session.get_one(ReferenceCaseRow, case["id"])
        assert (left.sex, left.body_site, left.features, left.source_link) == (None, None, {}, None)
    events = fresh.get("/api/v1/events?type=library.case_withdrawn")["events"]
    assert [event["subject"] for event in events] == [f"reference_case/{case['id']}"]


def test_no_hospital_learns_of_anothers_cases(fresh: Served) -> None:
    north = key(fresh, Role.CLINICIAN, hospitals=["north"])
    south = key(fresh, Role.CLINICIAN, hospitals=["south"])
    case = post_case(fresh, photo(1), {"disease": "nevus"}, Authorization=north).json()
    assert case["hospital"] == "north"
    assert [each["id"] for each in cases(fresh, Authorization=north)] == [case["id"]]
    assert fresh.get(CASES, Authorization=south) == {"cases": [], "next": None}
    paths = [f"{CASES}/{case['id']}", case["pictures"][0]["picture"], f"{CASES}/{'0' * 32}"]
    told = [fresh.http.get(path, headers={"Authorization": south}) for path in paths]
    assert {answer.status_code for answer in told} == {404}
    assert told[0].text == told[2].text
    assert fresh.http.delete(paths[0], headers={"Authorization": south}).status_code == 404
    assert post_case(fresh, photo(2), {}, f"{paths[0]}/pictures", Authorization=south).status_code == 404
    events = fresh.get("/api/v1/events?type=library.case_added", Authorization=south)["events"]
    assert events == []
    assert fresh.http.get(paths[1], headers={"Authorization": north}).status_code == 200


def test_who_may_what(small: Served) -> None:
    staff = key(small, Role.CLINICIAN, hospitals=["north"])
    case = post_case(small, photo(1), {"disease": "nevus"}, Authorization=staff).json()
    patient = {"Authorization": key(small, Role.APP, hospitals=["north"], patient="1")}
    viewer = {"Authorization": key(small, Role.VIEWER, hospitals=["north"])}
    app = {"Authorization": key(small, Role.APP, hospitals=["north"])}
    picture, path = case["pictures"][0]["picture"], f"{CASES}/{case['id']}"
    asked = {
        "patient": [small.http.get(each, headers=patient).status_code for each in (CASES, path, picture)],
        "viewer": [small.http.get(each, headers=viewer).status_code for each in (CASES, path, picture)],
        "app": [small.http.get(each, headers=app).status_code for each in (CASES, path, picture)],
    }
    assert asked == {"patient": [403, 200, 200], "viewer": [403, 403, 403], "app": [200, 200, 200]}
    for headers in (patient, viewer, app):
        assert post_case(small, photo(2), {"disease": "nevus"}, **headers).status_code == 403
        assert small.http.delete(path, headers=headers).status_code == 403
    assert small.http.get(CASES).status_code == 401


def test_every_act_is_entered_in_the_audit_trail(small: Served) -> None:
    case = added(small, photo(1))
    small.get(CASES)
    small.get(f"{CASES}/{case['id']}")
    small.http.get(case["pictures"][0]["picture"])
    small.http.delete(f"{CASES}/{case['id']}")
    with small.gateway.database.read() as session:
        rows = session.query(AuditRow).order_by(AuditRow.number).all()
    acts = [(row.action, row.subject) for row in rows if row.subject.startswith("reference_case")]
    subject = f"reference_case/{case['id']}"
    assert acts == [
        ("import", subject), ("query", "reference_cases"), ("instances-accessed", subject),
        ("instances-accessed", subject), ("study-deleted", subject),
    ]  # fmt: skip
