"""What a store request is answered with (PS3.18 10.5.3, Annex I)."""

from collections.abc import Sequence

import pytest

from dicomweb.archive import StoreOutcome, StoreStatus
from dicomweb.stow import store_problems, store_response, store_status

_STORED, _FULL, _OTHER = StoreStatus.STORED, StoreStatus.OUT_OF_RESOURCES, StoreStatus.CANNOT_UNDERSTAND


@pytest.mark.parametrize(
    ("statuses", "answer"),
    [
        ([], 400),
        ([_OTHER], 409),
        ([_FULL, _OTHER], 409),
        ([_FULL, _FULL], 507),
        ([_STORED, _FULL], 202),
        ([_STORED, _STORED], 200),
    ],
)
def test_the_status_tells_all_some_or_none_and_a_full_disk(statuses: Sequence[StoreStatus], answer: int) -> None:
    assert store_status([StoreOutcome(status) for status in statuses]) == answer


def test_parts_without_identity_are_other_failures() -> None:
    known = StoreOutcome(_OTHER, "part 1: why", sop_class_uid="1.1", sop_instance_uid="1.2")
    response = store_response([known, StoreOutcome(_FULL)], "http://here")
    assert [item["00081155"]["Value"] for item in response["00081198"]["Value"]] == [["1.2"]]
    assert response["0008119A"]["Value"] == [{"00081197": {"vr": "US", "Value": [0xA700]}}]
    assert response["00081190"] == {"vr": "UR"}
    assert store_problems([known]) == ["part 1: why"]
