from pydicom.uid import UID

from dimse.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME


def test_the_implementation_is_named_within_the_limits() -> None:
    assert UID(IMPLEMENTATION_CLASS_UID).is_valid
    assert 1 <= len(IMPLEMENTATION_VERSION_NAME) <= 16
