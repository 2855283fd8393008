"""Requests and reports of storage commitment: what is read of what peers send, and what is written."""

import contextlib
import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pynetdicom.dsutils import decode, encode

from dimse.commitment_data import (
    MOST_BYTES,
    MOST_REFERENCES,
    CommitmentReport,
    CommitmentRequest,
    Reference,
    Refused,
    UnreadableCommitment,
    read_report,
    read_request,
    written_report,
    written_request,
)

ONE, OTHER = Reference("1.2.3", "1.2.3.4"), Reference("1.2.3", "1.2.3.45")
BOTH_WAYS = pytest.mark.parametrize("implicit", [True, False])


def _item(tag: int, inside: bytes) -> bytes:
    return struct.pack("<HHL", tag >> 16, tag & 0xFFFF, len(inside)) + inside


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x08",
        written_request(CommitmentRequest("1.2.3", (ONE,)), implicit=True)[:-1],
        written_request(CommitmentRequest("1.2.3", ()), implicit=True),
        written_request(CommitmentRequest("no uid", (ONE,)), implicit=True),
        written_request(CommitmentRequest("1.2.3", (Reference("1.2.3", "../../etc"),)), implicit=True),
        written_request(CommitmentRequest("1." + "2" * 64, (ONE,)), implicit=True),
        bytes(MOST_BYTES + 1),
        _item(0x00081199, _item(0x00081199, b"")),
        _item(0x00081199, struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFF)),
    ],
    ids=["nothing", "a byte", "cut off", "no reference", "no transaction", "no UID", "a long UID", "too long",
         "no item", "an item beyond its end"],
)  # fmt: skip
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableCommitment):
        read_request(data, implicit=True)


def test_more_references_than_are_taken_are_refused() -> None:
    request = CommitmentRequest("1.2.3", (ONE,) * (MOST_REFERENCES + 1))
    with pytest.raises(UnreadableCommitment, match="more than 10000"):
        read_request(written_request(request, implicit=True), implicit=True)


def test_sequences_deep_in_each_other_are_refused() -> None:
    nest = struct.pack("<HHL", 0x0008, 0x1199, 0xFFFFFFFF) + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    with pytest.raises(UnreadableCommitment, match="too deep"):
        read_request(nest * 1000, implicit=True)


def test_a_flood_of_empty_elements_is_refused() -> None:
    with pytest.raises(UnreadableCommitment, match="too many"):
        read_request(struct.pack("<HHL", 0x0009, 0x0001, 0) * 300_000, implicit=True)


@BOTH_WAYS
def test_what_another_library_writes_is_read(implicit: bool) -> None:
    ds = _as_others_write()
    encoded = encode(ds, implicit, True)
    assert encoded is not None
    assert read_report(encoded, implicit=implicit) == CommitmentReport("1.2.9", (ONE,), (Refused(OTHER, 0x0112),))


@BOTH_WAYS
def test_sequences_of_undefined_length_are_read_and_what_is_unknown_is_passed_over(implicit: bool) -> None:
    ds = _as_others_write()
    private = Dataset()
    private.is_undefined_length_sequence_item = True
    private.ReferencedSOPInstanceUID = "9.9"
    ds.ReferencedImageSequence = [private]
    for element in ds:
        element.is_undefined_length = element.VR == "SQ"
    ds.PatientComments = "x" * 1000
    encoded = encode(ds, implicit, True)
    assert encoded is not None
    assert read_report(encoded, implicit=implicit).committed == (ONE,)


@BOTH_WAYS
def test_another_library_reads_what_is_written(implicit: bool) -> None:
    report = CommitmentReport("1.2.9", (ONE,), (Refused(OTHER, 0x0213),))
    ds = decode(BytesIO(written_report(report, implicit=implicit)), implicit, True)
    assert ds.TransactionUID == "1.2.9"
    assert [(one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID) for one in ds.ReferencedSOPSequence] == [
        ("1.2.3", "1.2.3.4")
    ]
    assert [(one.ReferencedSOPInstanceUID, one.FailureReason) for one in ds.FailedSOPSequence] == [("1.2.3.45", 0x0213)]
    assert report.event_type == 2


def test_a_failure_without_its_reason_is_a_failure() -> None:
    ds = _as_others_write()
    del ds.FailedSOPSequence[0].FailureReason
    encoded = encode(ds, True, True)
    assert encoded is not None
    assert read_report(encoded, implicit=True).refused == (Refused(OTHER, 0x0110),)


uids = st.from_regex(r"[0-9][0-9.]{0,63}", fullmatch=True)
references = st.builds(Reference, uids, uids)
reports = st.builds(
    CommitmentReport,
    uids,
    st.lists(references, max_size=5).map(tuple),
    st.lists(st.builds(Refused, references, st.integers(0, 0xFFFF)), max_size=5).map(tuple),
)


@given(report=reports, implicit=st.booleans())
def test_what_is_written_is_read_again(report: CommitmentReport, implicit: bool) -> None:
    assert read_report(written_report(report, implicit=implicit), implicit=implicit) == report


@given(data=st.binary(max_size=400), implicit=st.booleans())
def test_any_bytes_are_read_or_refused(data: bytes, implicit: bool) -> None:
    with contextlib.suppress(UnreadableCommitment):
        read_report(data, implicit=implicit)


@given(report=reports, place=st.integers(0, 2000), value=st.integers(0, 255), implicit=st.booleans())
def test_a_changed_byte_is_read_or_refused(report: CommitmentReport, place: int, value: int, implicit: bool) -> None:
    data = bytearray(written_report(report, implicit=implicit))
    data[place % len(data)] = value
    with contextlib.suppress(UnreadableCommitment):
        read_report(bytes(data), implicit=implicit)


def _as_others_write() -> Dataset:
    held, lost = Dataset(), Dataset()
    held.ReferencedSOPClassUID, held.ReferencedSOPInstanceUID = "1.2.3", "1.2.3.4"
    lost.ReferencedSOPClassUID, lost.ReferencedSOPInstanceUID, lost.FailureReason = "1.2.3", "1.2.3.45", 0x0112
    ds = Dataset()
    ds.TransactionUID, ds.RetrieveAETitle = "1.2.9", "PACS"
    ds.ReferencedSOPSequence, ds.FailedSOPSequence = [held], [lost]
    return ds
