"""What a retrieval comes to."""

import pytest

from dimse.reactions import Reaction
from dimse.retrieving import RetrieveStatus
from dimse.sub_operations import LONGEST_LIST_BYTES, SubOperations, SubOutcome, failed_list, outcome_of

DONE, DOUBTED, FAILED = SubOutcome.COMPLETED, SubOutcome.WARNING, SubOutcome.FAILED


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([], RetrieveStatus.SUCCESS),
        ([DONE, DONE], RetrieveStatus.SUCCESS),
        ([DONE, DOUBTED], RetrieveStatus.SOME_FAILED),
        ([DONE, FAILED], RetrieveStatus.SOME_FAILED),
        ([DOUBTED, FAILED], RetrieveStatus.SOME_FAILED),
        ([FAILED, FAILED], RetrieveStatus.CANNOT_PERFORM_SUB_OPERATIONS),
    ],
)
def test_the_final_status(outcomes: list[SubOutcome], status: RetrieveStatus) -> None:
    done = SubOperations(len(outcomes))
    for number, outcome in enumerate(outcomes):
        assert done.remaining == len(outcomes) - number
        done.note(f"1.{number}", outcome)
    assert done.remaining == 0
    assert done.final_status() is status


@pytest.mark.parametrize("reaction", Reaction)
def test_only_what_a_peer_has_is_no_failure(reaction: Reaction) -> None:
    has_it = reaction.is_stored or reaction is Reaction.CONFIRM_DUPLICATE
    assert (outcome_of(reaction) is not FAILED) == has_it


def test_the_list_of_failures_is_cut_where_an_element_ends() -> None:
    uids = [f"1.2.826.0.1.3680043.10.{number:040d}" for number in range(2000)]
    listed = failed_list(uids)
    assert len(listed) <= LONGEST_LIST_BYTES
    assert listed.split("\\") == uids[: listed.count("\\") + 1]
    assert len(listed) + 1 + len(uids[0]) > LONGEST_LIST_BYTES
    assert failed_list(uids[:3]) == "\\".join(uids[:3])
    assert failed_list([]) == ""
