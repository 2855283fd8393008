"""What becomes of a workitem in each transaction."""

from datetime import UTC, datetime

import pytest
from pydicom.datadict import dictionary_VR

from dicomweb.archive import JsonObject
from dicomweb.services.data_sets import DataSetError
from dicomweb.services.workitems.attributes import VRS
from dicomweb.services.workitems.states import State, Status, WorkitemRefused
from dicomweb.services.workitems.steps import Workitem, canceled, created, moved, updated
from tests.unit.dicomweb.services.samples import HOLDER, STRANGER, change_to, element, performed, wanted

NOW = datetime(2026, 3, 5, 10, 0, 0, tzinfo=UTC)
UID = "1.2.3.4"


@pytest.fixture
def scheduled() -> Workitem:
    return created(UID, wanted(), NOW)


@pytest.fixture
def claimed(scheduled: Workitem) -> Workitem:
    return moved(scheduled, change_to("IN PROGRESS"), NOW)


@pytest.mark.parametrize("tag", ["00741000", "00741200", "00741204", "00404005", "00404041"])
def test_what_is_missing_is_named(tag: str) -> None:
    members = wanted()
    del members[tag]
    with pytest.raises(DataSetError, match="a workitem is created with"):
        created(UID, members, NOW)


@pytest.mark.parametrize("early", [{"00081195": element("UI", HOLDER)}, {"00741002": element("SQ", {})}, performed()])
def test_what_is_said_too_early_is_refused(early: JsonObject) -> None:
    with pytest.raises(DataSetError, match="created without"):
        created(UID, wanted() | early, NOW)


def test_a_priority_of_ones_own_is_refused() -> None:
    with pytest.raises(DataSetError, match="none of HIGH, MEDIUM, LOW"):
        created(UID, wanted(t00741200=element("CS", "ASAP")), NOW)


def test_a_workitem_begins_as_scheduled() -> None:
    with pytest.raises(WorkitemRefused) as refused:
        created(UID, wanted(t00741000=element("CS", "IN PROGRESS")), NOW)
    assert refused.value.status is Status.NOT_CREATED_AS_SCHEDULED


def test_a_new_workitem_knows_its_class_its_worklist_and_when_it_came(scheduled: Workitem) -> None:
    said = {tag: value.get("Value") for tag, value in scheduled.attributes.items()}
    assert said["00080016"] == ["1.2.840.10008.5.1.4.34.6.1"]
    assert said["00080018"] == [UID]
    assert said["00741202"] == ["WORKLIST"]
    assert said["00404010"] == ["20260305100000+0000"]
    assert list(said) == sorted(said)


def test_who_claims_a_workitem_holds_it_and_nobody_sees_by_what(claimed: Workitem) -> None:
    assert (claimed.state, claimed.transaction_uid) == (State.IN_PROGRESS, HOLDER)
    assert "00081195" not in claimed.attributes


def test_an_update_puts_whole_attributes_in_the_place_of_others(claimed: Workitem) -> None:
    changed = updated(claimed, {"00741204": element("LO", "Judge twice")}, HOLDER, NOW)
    assert changed.attributes["00741204"]["Value"] == ["Judge twice"]
    assert changed.transaction_uid == HOLDER


def test_the_holder_may_say_so_inside_the_update(claimed: Workitem) -> None:
    changed = updated(claimed, performed() | {"00081195": element("UI", HOLDER)}, None, NOW)
    assert "00741216" in changed.attributes
    assert "00081195" not in changed.attributes


@pytest.mark.parametrize(("tag", "vr"), [("00080018", "UI"), ("00100020", "LO"), ("00741000", "CS")])
def test_an_update_changes_neither_identity_nor_state(scheduled: Workitem, tag: str, vr: str) -> None:
    with pytest.raises(DataSetError, match="does not change"):
        updated(scheduled, {tag: element(vr, "COMPLETED")}, None, NOW)


_OF_ANOTHER_VR = [
    {"00741216": element("LO", "done")},
    {"00741002": element("LO", "half of it")},
    {"00741002": element("UN")},
    {"00404005": element("SQ", {})},
    {"00404005": element("US", 1)},
    {"00100020": element("SQ", {})},
]


@pytest.mark.parametrize("changes", _OF_ANOTHER_VR)
def test_what_is_looked_into_keeps_its_vr(claimed: Workitem, changes: JsonObject) -> None:
    """Text in the place of a sequence would never let the workitem be completed or canceled."""
    with pytest.raises(DataSetError, match="has the VR"):
        updated(claimed, changes, HOLDER, NOW)
    with pytest.raises(DataSetError, match="has the VR"):
        created(UID, wanted() | changes, NOW)


def test_the_vrs_of_what_is_looked_into_are_those_of_the_dictionary() -> None:
    assert {tag: dictionary_VR(int(tag, 16)) for tag in VRS} == VRS


def test_repeating_what_may_not_change_is_harmless(scheduled: Workitem) -> None:
    assert updated(scheduled, {"00100020": element("LO", "P-1")}, None, NOW) == scheduled


def test_what_a_workitem_must_say_is_not_emptied(scheduled: Workitem) -> None:
    with pytest.raises(DataSetError, match="does not empty ProcedureStepLabel"):
        updated(scheduled, {"00741204": element("LO")}, None, NOW)


def test_a_completion_waits_until_it_is_said_what_was_done(claimed: Workitem) -> None:
    with pytest.raises(WorkitemRefused, match="UnifiedProcedureStepPerformedProcedureSequence") as refused:
        moved(claimed, change_to("COMPLETED"), NOW)
    assert refused.value.status is Status.FINAL_STATE_NOT_MET
    done = moved(updated(claimed, performed(), HOLDER, NOW), change_to("COMPLETED"), NOW)
    assert done.state is State.COMPLETED


def test_a_completion_names_what_is_missing_of_what_was_done(claimed: Workitem) -> None:
    half = performed()
    del half["00741216"]["Value"][0]["00404051"]
    with pytest.raises(WorkitemRefused, match=r"Missing: PerformedProcedureStepEndDateTime\."):
        moved(updated(claimed, half, HOLDER, NOW), change_to("COMPLETED"), NOW)


def test_the_holder_cancels_and_the_moment_is_kept(claimed: Workitem) -> None:
    over = moved(claimed, change_to("CANCELED"), NOW)
    assert over.state is State.CANCELED
    assert over.attributes["00741002"]["Value"][0]["00404052"]["Value"] == ["20260305100000+0000"]


def test_a_stranger_ends_nothing(claimed: Workitem) -> None:
    with pytest.raises(WorkitemRefused) as refused:
        moved(claimed, change_to("CANCELED", STRANGER), NOW)
    assert refused.value.status is Status.TRANSACTION_UID_NOT_CORRECT


@pytest.mark.parametrize("request_", [{}, {"00741000": element("CS", "DONE")}, {"00741000": element("CS", 1)}])
def test_a_change_names_a_state(scheduled: Workitem, request_: JsonObject) -> None:
    with pytest.raises(DataSetError, match="none of IN PROGRESS"):
        moved(scheduled, request_, NOW)


def test_a_cancellation_keeps_why_and_whom_to_ask(scheduled: Workitem) -> None:
    reason = {"00741238": element("LT", "left the clinic"), "0074100C": element("LO", "Desk")}
    over = canceled(scheduled, reason, HOLDER, NOW)
    (progress,) = over.attributes["00741002"]["Value"]
    assert over.state is State.CANCELED
    assert progress["00741238"]["Value"] == ["left the clinic"]
    assert progress["00741008"]["Value"] == [{"0074100C": element("LO", "Desk")}]


def test_nobody_else_cancels_what_is_under_way(claimed: Workitem) -> None:
    with pytest.raises(WorkitemRefused, match="no events are sent"):
        canceled(claimed, {}, STRANGER, NOW)
