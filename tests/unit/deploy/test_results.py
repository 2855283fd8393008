"""The demonstration calls itself a success only when everything is where it should be."""

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from deploy.demo.photos import DemoPhoto
from deploy.demo.results import Result, show

GOOD = DemoPhoto("good 1", Path("good.jpg"), None)
BLURRED = DemoPhoto("out of focus", Path("blurred.jpg"), "out_of_focus")


def test_a_good_photo_that_was_rejected_is_not_as_expected() -> None:
    assert not Result(GOOD, _rejected()).as_expected
    assert Result(GOOD, _accepted()).as_expected


def test_a_spoilt_photo_that_was_accepted_is_not_as_expected() -> None:
    assert not Result(BLURRED, _accepted()).as_expected
    assert Result(BLURRED, _rejected()).as_expected


@pytest.mark.parametrize("state", ["queued", "sending", "failed", "dead", "not_accepted", "cancelled"])
def test_an_object_that_is_not_sent_has_not_arrived_though_it_was_found(state: str) -> None:
    assert not Result(GOOD, _accepted(state), at_the_hospital=True).arrived


def test_an_object_that_says_sent_has_not_arrived_until_it_was_found() -> None:
    assert not Result(GOOD, _accepted("sent")).seen(_accepted("sent"), held=set()).arrived
    assert Result(GOOD, _accepted("sent")).seen(_accepted("sent"), held={"3"}).arrived


def test_an_accepted_photo_without_any_delivery_has_not_arrived() -> None:
    assert not Result(GOOD, _accepted() | {"deliveries": []}, at_the_hospital=True).arrived


def test_the_tables_name_verdict_reason_probability_uids_and_delivery() -> None:
    output = StringIO()
    results = [replace(Result(GOOD, _accepted()), at_the_hospital=True), Result(BLURRED, _rejected())]
    show(Console(file=output, width=120), results, "Orthanc")
    for words in ("accepted", "rejected", "out_of_focus 81%", "97.0%", "Melanoma 60%", "sent", "1\n", "yes"):
        assert words in output.getvalue().replace(" │", "\n"), words


def _accepted(delivery: str = "sent") -> dict[str, Any]:
    return {
        "id": "a",
        "state": "accepted",
        "judgement": {"usable": True, "probability": 0.97, "reasons": []},
        "ranking": {"diseases": [{"name": "Melanoma", "probability": 0.6}]},
        "dicom": {"study_instance_uid": "1", "series_instance_uid": "2", "sop_instance_uid": "3"},
        "deliveries": [{"destination": "hospital", "state": delivery}],
    }


def _rejected() -> dict[str, Any]:
    return {
        "id": "b",
        "state": "rejected",
        "judgement": {"probability": 0.04, "reasons": [{"code": "out_of_focus", "probability": 0.81}]},
        "ranking": None,
        "dicom": None,
        "deliveries": [],
    }
