import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import UID

from gateway.conversion.dataset import checked_uid
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.uids import (
    derived_uid,
    unidentified_patient_id,
)


@pytest.mark.parametrize("root", ["1", "1.02", "3.4", "1.2.", "a.b", "1." + "2" * 40])
def test_what_is_no_root_or_too_long_a_one_is_refused(root: str) -> None:
    with pytest.raises(ValueError, match="root"):
        derived_uid("a", root=root)


@pytest.mark.parametrize("value", ["", "1", "1.02", "1..2", "1.2.x", "1." * 40 + "1"])
def test_what_is_no_uid_is_refused_without_repeating_it(value: str) -> None:
    with pytest.raises(InvalidFactsError) as refusal:
        checked_uid(value, "study_instance_uid")
    assert str(refusal.value) == "study_instance_uid: is not a UID"


@given(st.lists(st.text()), st.sampled_from(["", "1.2.3", "2.16.840.1.113883.3.1234.5678901234"]))
def test_a_derived_uid_is_valid_and_the_same_again(parts: list[str], root: str) -> None:
    uid = derived_uid(*parts, root=root)
    assert uid == derived_uid(*parts, root=root)
    assert uid.startswith(f"{root or '2.25'}.")
    assert UID(uid).is_valid
    assert checked_uid(uid, "uid") == uid


def test_differently_divided_parts_give_different_uids() -> None:
    assert len({derived_uid("ab", "c"), derived_uid("a", "bc"), derived_uid("abc"), derived_uid("ab", "c", "")}) == 4


def test_a_derived_uid_never_changes_with_the_software() -> None:
    assert derived_uid("default", "submission", "1") == "2.25.2958550971338772044565460968281077712"


def test_strangers_have_patient_ids_of_their_own() -> None:
    assert unidentified_patient_id("abc") == "UNID-abc"
