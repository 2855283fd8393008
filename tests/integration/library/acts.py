"""What tests of the library do: callers with keys, cases that staff posts, opinions, and the library's own work."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from sqlalchemy import select

from gateway.access.caller import Role
from gateway.access.keys import create_key
from gateway.intake.tables import SubmissionRow
from gateway.review.referrals import refer
from gateway.review.tables import ReferralRow
from tests.integration.intake.served import Served

CASES = "/api/v1/library/cases"


def key(served: Served, *roles: Role, hospitals: Sequence[str] | None = None, patient: str | None = None) -> str:
    """A header's value for a new key."""
    with served.gateway.database.write() as unit_of_work:
        secret = create_key(unit_of_work, name="test", roles=list(roles), hospitals=hospitals, patient=patient)
    return f"Bearer {secret}"


def post_case(
    served: Served, picture: bytes | None, fields: Mapping[str, str], path: str = CASES, **headers: str
) -> httpx.Response:
    """Post a case as staff does."""
    files: dict[str, Any] = {name: (None, value) for name, value in fields.items()}
    if picture is not None:
        files["photo"] = ("photo.jpg", picture, "image/jpeg")
    return served.http.post(path, files=files or {"": (None, "")}, headers=headers)


def added(served: Served, picture: bytes, **fields: str) -> dict[str, Any]:
    """A case that staff added."""
    response = post_case(served, picture, {"disease": "nevus"} | fields)
    assert response.status_code == 201, response.text
    document: dict[str, Any] = response.json()
    return document


def work(served: Served) -> None:
    """Let the library do all that waits."""
    for _ in range(200):
        if not served.photos.library.worker.work_once():
            return
    raise AssertionError("the library does not come to rest")


def answer(served: Served, photo_id: str, *diagnoses: str, comment: str = "", **headers: str) -> None:
    """Give a dermatologist's opinion on a photo's case."""
    with served.gateway.database.write() as unit_of_work:
        row = unit_of_work.session.get_one(SubmissionRow, photo_id)
        assert row.case_id is not None
        refer(unit_of_work, hospital=row.hospital_id, case_id=row.case_id, reasons=["unknown"])
    with served.gateway.database.read() as session:
        referral = session.scalars(select(ReferralRow.id).where(ReferralRow.case_id == row.case_id)).one()
    said = {"doctor": "Kim^Minji", "organization": "Clinic", "diagnoses": list(diagnoses), "comment": comment}
    response = served.http.post(
        f"/api/v1/referrals/{referral}/opinion", content=json.dumps(said),
        headers={"Content-Type": "application/json"} | headers,
    )  # fmt: skip
    assert response.status_code == 201, response.text


def cases(served: Served, **headers: str) -> list[dict[str, Any]]:
    """The library as a caller sees it, the newest first."""
    found: list[dict[str, Any]] = served.get(CASES, **headers)["cases"]
    return found
