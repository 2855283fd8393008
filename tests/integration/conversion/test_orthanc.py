"""A hospital PACS takes every kind of object, by C-STORE and by STOW-RS, and gives it back as it was."""

import io
from functools import partial

import httpx
import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid

from dimse.addresses import RemoteAE
from dimse.outgoing import OutgoingInstance
from dimse.reactions import Reaction
from dimse.send import StorageSender
from tests.peers import LOOPBACK, Orthanc
from tests.unit.conversion.object_kinds import KINDS, file_of

BOUNDARY = "dermgate-test"
FIVE_CLASSES = 5
FAILED, STORED = "00081198", "00081199"


def kinds_apart() -> dict[str, tuple[str, bytes]]:
    """Every kind's file under an instance UID of its own: (class, file) by that UID."""
    made: dict[str, tuple[str, bytes]] = {}
    for name in KINDS:
        dataset = dcmread(io.BytesIO(file_of(name)))
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid(None, [name])
        target = io.BytesIO()
        dataset.save_as(target)
        made[dataset.SOPInstanceUID] = str(dataset.SOPClassUID), target.getvalue()
    assert len({sop_class for sop_class, _file in made.values()}) == FIVE_CLASSES
    return made


def assert_given_back(orthanc: Orthanc, sent: dict[str, tuple[str, bytes]]) -> None:
    """Each comes back with the same elements, the same Pixel Data and the same transfer syntax."""
    for uid, (_sop_class, file) in sent.items():
        (held,) = orthanc.instances(uid)
        before, after = (dcmread(io.BytesIO(data)) for data in (file, orthanc.fetch_file(held)))
        assert after == before
        assert after.file_meta.TransferSyntaxUID == before.file_meta.TransferSyntaxUID


@pytest.mark.peer
def test_by_c_store(orthanc: Orthanc) -> None:
    sent = kinds_apart()
    with StorageSender(RemoteAE(LOOPBACK, orthanc.dicom_port, orthanc.ae_title), "DERMGATE") as sender:
        for uid, (sop_class, file) in sent.items():
            syntax = dcmread(io.BytesIO(file), stop_before_pixels=True).file_meta.TransferSyntaxUID
            outgoing = OutgoingInstance(sop_class, uid, str(syntax), partial(io.BytesIO, file))
            result = sender.send(outgoing)
            assert (result.reaction, result.transfer_syntax_uid) == (Reaction.STORED, syntax)
    assert_given_back(orthanc, sent)


@pytest.mark.peer
def test_by_stow(orthanc: Orthanc) -> None:
    sent = kinds_apart()
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    body = b"".join(head + file + b"\r\n" for _sop_class, file in sent.values()) + f"--{BOUNDARY}--\r\n".encode()
    kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
    answer = httpx.post(
        f"{orthanc.dicom_web}/studies", content=body, timeout=120, trust_env=False,
        headers={"Content-Type": kind, "Accept": "application/dicom+json"},
    )  # fmt: skip
    assert answer.status_code == httpx.codes.OK, answer.text
    assert "Value" not in answer.json().get(FAILED, {})
    assert len(answer.json()[STORED]["Value"]) == len(sent)
    assert_given_back(orthanc, sent)
