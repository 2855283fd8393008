"""Errors of the intake as statuses, codes and fields."""

import pytest

from dicomweb.archive import StoreStatus
from gateway.archive.errors import DuplicateInstance, StoreRefused, StudyMismatch
from gateway.conversion import errors as conversion
from gateway.conversion.video.errors import VideoTooLongError
from gateway.intake.background import is_passing
from gateway.intake.refusals import STATUSES, members_of, status_of_refusal
from inference import errors as inference


@pytest.mark.parametrize("tree", [inference.PictureError, conversion.PictureError])
def test_every_error_about_a_picture_has_a_status_and_a_code(tree: type[Exception]) -> None:
    assert VideoTooLongError in conversion.PictureError.__subclasses__()
    for error in tree.__subclasses__():
        assert 400 <= STATUSES[error] < 500, error
        assert members_of(error("x"))["code"], error


def test_a_fact_that_cannot_be_written_names_its_field() -> None:
    members = members_of(conversion.InvalidFactsError("patient_id", "is too long"))
    assert members == {"code": "invalid_facts", "errors": [{"field": "patient_id", "fault": "is too long"}]}


def test_an_object_that_is_refused_for_want_of_room_is_no_conflict() -> None:
    full = StoreRefused(StoreStatus.OUT_OF_RESOURCES, "full")
    assert status_of_refusal(full) == 507
    assert status_of_refusal(StoreRefused(StoreStatus.PROCESSING_FAILURE, "broken")) == 503
    assert is_passing(full)
    for conflict in (DuplicateInstance(), StudyMismatch("other patient")):
        assert status_of_refusal(conflict) == 409
        assert not is_passing(conflict)
