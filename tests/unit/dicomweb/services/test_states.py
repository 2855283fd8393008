"""The states of a workitem, cell by cell as PS3.4 Table CC.1.1-2 has them."""

import pytest

from dicomweb.services.workitems.states import WORDS, State, Status, cancellation, changed_state, may_update
from tests.unit.dicomweb.services.samples import HOLDER, STRANGER

# requested: what becomes of it in SCHEDULED, IN PROGRESS, COMPLETED, CANCELED
WITH_THE_RIGHT_UID = {
    "SCHEDULED": (0xC303, 0xC303, 0xC303, 0xC303),
    "IN PROGRESS": ("IN PROGRESS", 0xC302, 0xC300, 0xC300),
    "COMPLETED": (0xC310, "COMPLETED", 0xB306, 0xC300),
    "CANCELED": (0xC310, "CANCELED", 0xC300, 0xB304),
}
PRESENT = tuple(State)


def held(state: State) -> str | None:
    return None if state is State.SCHEDULED else HOLDER


@pytest.mark.parametrize("requested", WITH_THE_RIGHT_UID)
def test_with_the_right_transaction_uid_the_table_holds(requested: str) -> None:
    outcomes = tuple(changed_state(state, State(requested), held_by=held(state), given=HOLDER) for state in PRESENT)
    assert tuple(one.value for one in outcomes) == WITH_THE_RIGHT_UID[requested]


@pytest.mark.parametrize("requested", ["IN PROGRESS", "COMPLETED", "CANCELED"])
@pytest.mark.parametrize("present", PRESENT)
def test_without_a_transaction_uid_nothing_moves(requested: str, present: State) -> None:
    outcome = changed_state(present, State(requested), held_by=held(present), given=None)
    assert outcome is Status.TRANSACTION_UID_NOT_CORRECT


@pytest.mark.parametrize("requested", ["COMPLETED", "CANCELED"])
@pytest.mark.parametrize("present", [State.IN_PROGRESS, State.COMPLETED, State.CANCELED])
def test_another_transaction_uid_ends_nothing(requested: str, present: State) -> None:
    outcome = changed_state(present, State(requested), held_by=HOLDER, given=STRANGER)
    assert outcome is Status.TRANSACTION_UID_NOT_CORRECT


def test_who_comes_second_to_claim_a_workitem_is_told_so() -> None:
    outcome = changed_state(State.IN_PROGRESS, State.IN_PROGRESS, held_by=HOLDER, given=STRANGER)
    assert outcome is Status.ALREADY_IN_PROGRESS


def test_cancellation_is_granted_while_nobody_has_begun() -> None:
    assert [cancellation(state).value for state in PRESENT] == ["CANCELED", 0xC312, 0xC311, 0xB304]


@pytest.mark.parametrize(
    ("state", "given", "outcome"),
    [
        (State.SCHEDULED, None, None),
        (State.IN_PROGRESS, HOLDER, None),
        (State.IN_PROGRESS, None, Status.TRANSACTION_UID_NOT_CORRECT),
        (State.IN_PROGRESS, STRANGER, Status.TRANSACTION_UID_NOT_CORRECT),
        (State.COMPLETED, HOLDER, Status.MAY_NO_LONGER_BE_UPDATED),
        (State.CANCELED, HOLDER, Status.MAY_NO_LONGER_BE_UPDATED),
    ],
)
def test_updates_need_the_holder_while_it_is_in_progress(
    state: State, given: str | None, outcome: Status | None
) -> None:
    assert may_update(state, held_by=held(state), given=given) is outcome


def test_every_code_has_words() -> None:
    assert set(WORDS) == set(Status)
