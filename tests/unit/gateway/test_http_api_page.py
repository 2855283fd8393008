"""docs/http-api.md names what the code has: every field, reason, role, state of a delivery, and code of an error."""

import re
from pathlib import Path

from gateway.access.caller import Role
from gateway.conversion.errors import ConversionError
from gateway.delivery.states import DeliveryState
from gateway.intake.documents import Submission
from gateway.intake.refusals import STATUSES
from gateway.intake.request import PhotoFields
from gateway.review.labels import REASONS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "http-api.md").read_text()


def _missing(names: set[str]) -> set[str]:
    quoted = set(re.findall(r"`([\w.]+)`", PAGE))
    return names - quoted - {name.partition(".")[0] for name in quoted}


def test_every_field_of_the_form_is_explained() -> None:
    assert _missing({"photo", *PhotoFields.model_fields}) == set()


def test_every_member_of_the_answer_is_explained() -> None:
    assert _missing(set(Submission.model_fields)) == set()


def test_every_reason_role_and_state_is_explained() -> None:
    assert _missing({*REASONS, *Role, *DeliveryState}) == set()


def test_every_code_stands_beside_its_status() -> None:
    lines = {status: line for line in PAGE.splitlines() for status in re.findall(r"^\| (\d{3})\b", line)}
    for error, status in STATUSES.items():
        code = getattr(error, "code", None)
        assert code is None or error is ConversionError or f"`{code}`" in lines[str(status)], error


def test_every_status_of_a_refusal_is_explained() -> None:
    told = set(re.findall(r"^\| (\d{3}(?:, \d{3})*) \|", PAGE, re.MULTILINE))
    assert {str(status) for status in STATUSES.values()} <= {one for line in told for one in line.split(", ")}
