import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit

from dimse.errors import UnreadableInstance
from dimse.part10 import MAX_META_BYTES, PREAMBLE, PREFIX, Head, read_head, written_head
from tests.unit.dimse.samples import photo

START = PREAMBLE + PREFIX


def head_of(file: bytes) -> Head:
    return read_head(io.BytesIO(file))


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"\xff\xd8\xff\xe0 a JPEG picture",
        PREAMBLE,
        START,
        START + b"\x08\0\x05\0CS\x0a\0ISO_IR 192",
        START + b"\2\0\x10\0UI",
        START + b"\2\0\x10\0UI\xff\xff1.2",
        START + b"\2\0\x02\0OB\0\0\xff\xff\xff\xff",
        START + b"\2\0\x01\0OB\0\0" + struct.pack("<L", MAX_META_BYTES * 2) + bytes(MAX_META_BYTES * 2 + 64),
    ],
)
def test_what_is_no_dicom_file_is_refused(file: bytes) -> None:
    with pytest.raises(UnreadableInstance):
        head_of(file)


def test_the_data_set_begins_behind_the_meta_information() -> None:
    file = photo().file
    head = head_of(file)
    assert head.transfer_syntax_uid == JPEGBaseline8Bit
    assert file[head.data_set_offset :].startswith(b"\x08\0\x16\0UI")


def test_a_wrong_group_length_does_not_mislead() -> None:
    file = photo().file
    at = len(START) + 8
    lying = file[:at] + struct.pack("<L", 7) + file[at + 4 :]
    assert head_of(lying) == head_of(file)


def test_a_written_head_reads_as_a_dicom_file() -> None:
    file = photo(transfer_syntax=ExplicitVRLittleEndian).file
    data_set = file[head_of(file).data_set_offset :]
    written = written_head(
        sop_class_uid="1.2.3",
        sop_instance_uid="1.2.3.4",
        transfer_syntax_uid=ExplicitVRLittleEndian,
        source_ae_title="CAMERA",
    )
    ds = dcmread(io.BytesIO(written + data_set))
    assert ds.file_meta.FileMetaInformationGroupLength == len(written) - len(START) - 12
    assert ds.file_meta.MediaStorageSOPInstanceUID == "1.2.3.4"
    assert ds.file_meta.SourceApplicationEntityTitle == "CAMERA"
    assert ds.preamble == PREAMBLE
    assert ds.Rows == 24


uids = st.from_regex(r"[0-9]{1,6}(\.[0-9]{1,6}){0,8}", fullmatch=True)


@given(
    sop_class=uids,
    instance=uids,
    syntax=uids,
    title=st.from_regex(r"[!-\[\]-~]{1,16}", fullmatch=True),
    body=st.binary(max_size=64),
)
def test_what_is_written_is_read_back(sop_class: str, instance: str, syntax: str, title: str, body: bytes) -> None:
    head = written_head(
        sop_class_uid=sop_class, sop_instance_uid=instance, transfer_syntax_uid=syntax, source_ae_title=title
    )
    data_set = b"\x08\0\x05\0" + body
    assert head_of(head + data_set) == Head(len(head), syntax)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_head_or_refused(rubbish: bytes) -> None:
    """Never another exception, never an offset outside the file."""
    file = START + rubbish
    try:
        head = head_of(file)
    except UnreadableInstance:
        return
    assert len(START) < head.data_set_offset <= len(file)
    assert head.transfer_syntax_uid


@given(st.integers(0, 2**16), st.binary(min_size=1, max_size=8))
def test_a_damaged_head_is_read_or_refused(at: int, damage: bytes) -> None:
    file = bytearray(photo().file)
    at = len(START) + at % 300
    file[at : at + len(damage)] = damage
    try:
        head_of(bytes(file))
    except UnreadableInstance:
        return
