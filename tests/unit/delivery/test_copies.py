"""Secondary Capture copies for couriers."""

import io
from dataclasses import replace

import pytest
from pydicom import dcmread

from dimse.errors import UnavailableInstance, UnreadableInstance
from dimse.fallback import CannotCopy
from dimse.outgoing import OutgoingInstance
from dimse.part10 import read_head
from gateway.delivery.copies import secondary_captures
from tests.unit.conversion.object_kinds import file_of

MAKE = secondary_captures("1.2.3", "")
PHOTO = "dermoscopic photo"


def outgoing(kind: str = PHOTO) -> OutgoingInstance:
    ds = dcmread(io.BytesIO(file_of(kind)))
    return OutgoingInstance(
        ds.SOPClassUID, ds.SOPInstanceUID, ds.file_meta.TransferSyntaxUID, lambda: io.BytesIO(file_of(kind))
    )


def _failing() -> io.BytesIO:
    raise OSError(5, "Input/output error")


@pytest.mark.parametrize("kind", ["video", "pages", "capture"])
def test_there_is_no_copy_of_anything_else_than_a_photo(kind: str) -> None:
    with pytest.raises(CannotCopy, match="only photos"):
        MAKE(outgoing(kind))


def test_what_cannot_be_understood_has_no_copy_and_its_words_quote_nothing() -> None:
    file = file_of(PHOTO)
    broken = file[: read_head(io.BytesIO(file)).data_set_offset] + b"DOE^JOHN" * 10
    instance = replace(outgoing(), open_file=lambda: io.BytesIO(broken))
    with pytest.raises(CannotCopy, match="cannot be made") as raised:
        MAKE(instance)
    assert "DOE" not in str(raised.value)


def test_too_little_memory_here_is_no_refusal_of_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object, **_named: object) -> None:
        raise MemoryError

    monkeypatch.setattr("gateway.delivery.copies.dcmwrite", full)
    with pytest.raises(UnavailableInstance, match="memory"):
        MAKE(outgoing())


def test_storage_that_fails_is_no_refusal_of_a_copy() -> None:
    with pytest.raises(UnavailableInstance):
        MAKE(replace(outgoing(), open_file=_failing))
    with pytest.raises(UnreadableInstance):
        MAKE(replace(outgoing(), open_file=lambda: io.BytesIO(b"no DICOM")))


def test_an_object_that_is_too_large_has_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.delivery.copies.MAX_COPIED_BYTES", 100)
    with pytest.raises(CannotCopy, match="too large"):
        MAKE(outgoing())


def test_a_copy_is_the_same_file_each_time_and_can_be_sent_as_what_it_says() -> None:
    first, second = MAKE(outgoing()), MAKE(outgoing())
    assert first.sent == second.sent
    with first.instance.opened() as data_set, second.instance.opened() as again:
        assert b"".join(data_set.blocks(1000)) == b"".join(again.blocks(1000))
    ds = dcmread(first.instance.open_file())
    assert (ds.SOPClassUID, ds.SOPInstanceUID, ds.SeriesInstanceUID) == (
        first.sent.sop_class_uid,
        first.sent.sop_instance_uid,
        first.sent.series_instance_uid,
    )
