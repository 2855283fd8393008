"""Sending to the real receivers: DCMTK's storescp and Orthanc."""

import hashlib
import io
from collections.abc import Callable

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import (
    DermoscopicPhotographyImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)

from dimse.addresses import RemoteAE
from dimse.reactions import Reaction
from dimse.send import StorageSender
from tests.integration.dimse.conftest import Receiver, data_set_of
from tests.peers import LOOPBACK, Orthanc
from tests.unit.dimse.samples import Sample, photo, pixels

StartReceiver = Callable[..., Receiver]

EVERY_SYNTAX = "+xa"
BIT_PRESERVING = "+B"


def mixed_batch() -> list[Sample]:
    """Every class and encoding that the intake makes, in an order that would renegotiate at each step."""
    return [
        photo(1),
        photo(2, transfer_syntax=ExplicitVRLittleEndian),
        photo(3, sop_class=DermoscopicPhotographyImageStorage),
        photo(4, sop_class=SecondaryCaptureImageStorage, transfer_syntax=ImplicitVRLittleEndian),
        photo(5, rows=600, columns=800),
    ]


def digest(data_sets: list[bytes]) -> set[str]:
    return {hashlib.sha256(data_set).hexdigest() for data_set in data_sets}


@pytest.mark.peer
@pytest.mark.parametrize("when", ["--abort-after", "--abort-during"])
def test_a_storescp_that_aborts_leaves_the_outcome_unknown(storescp: StartReceiver, when: str) -> None:
    with StorageSender(storescp(EVERY_SYNTAX, when).remote, "DERMGATE") as sender:
        assert sender.send(photo(rows=600, columns=800).outgoing).reaction is Reaction.UNKNOWN_OUTCOME


@pytest.mark.peer
def test_a_refusing_storescp_waits_for_an_administrator(storescp: StartReceiver) -> None:
    with StorageSender(storescp("--refuse").remote, "DERMGATE") as sender:
        assert sender.send(photo().outgoing).reaction is Reaction.CONFIGURATION


@pytest.mark.peer
def test_a_slow_storescp_is_waited_for(storescp: StartReceiver) -> None:
    with StorageSender(storescp(EVERY_SYNTAX, "--sleep-after", "1").remote, "DERMGATE") as sender:
        assert sender.send(photo().outgoing).reaction is Reaction.STORED


@pytest.mark.peer
def test_a_storescp_that_keeps_nothing_says_stored(storescp: StartReceiver) -> None:
    with StorageSender(storescp(EVERY_SYNTAX, "--ignore").remote, "DERMGATE") as sender:
        assert sender.send(photo().outgoing).reaction is Reaction.STORED


@pytest.mark.peer
def test_storescp_receives_the_stored_bytes(storescp: StartReceiver) -> None:
    receiver, batch = storescp(EVERY_SYNTAX, BIT_PRESERVING), mixed_batch()
    with StorageSender(receiver.remote, "DERMGATE") as sender:
        results = [sender.send(sample.outgoing) for sample in batch]
    assert [(result.reaction, result.transfer_syntax_uid) for result in results] == [
        (Reaction.STORED, sample.outgoing.transfer_syntax_uid) for sample in batch
    ]
    assert digest(receiver.data_sets()) == digest([data_set_of(sample.file) for sample in batch])


@pytest.mark.peer
def test_a_storescp_without_jpeg_gets_it_uncompressed(storescp: StartReceiver) -> None:
    """DCMTK's default: uncompressed transfer syntaxes only."""
    receiver, sample = storescp(), photo()
    with StorageSender(receiver.remote, "DERMGATE") as sender:
        result = sender.send(sample.outgoing)
    assert (result.reaction, result.transfer_syntax_uid) == (Reaction.STORED, ExplicitVRLittleEndian)
    assert len(receiver.data_sets()) == 1


def test_orthanc_receives_the_stored_bytes(orthanc: Orthanc) -> None:
    batch = mixed_batch()
    with StorageSender(RemoteAE(LOOPBACK, orthanc.dicom_port, orthanc.ae_title), "DERMGATE") as sender:
        reactions = [sender.send(sample.outgoing).reaction for sample in batch]
    kept = [data_set_of(orthanc.fetch_file(identifier)) for identifier in orthanc.instances()]
    assert reactions == [Reaction.STORED] * len(batch)
    assert digest(kept) == digest([data_set_of(sample.file) for sample in batch])


def test_orthanc_takes_the_same_instance_twice_as_one(orthanc: Orthanc) -> None:
    sample = photo()
    with StorageSender(RemoteAE(LOOPBACK, orthanc.dicom_port, orthanc.ae_title), "DERMGATE") as sender:
        assert [sender.send(sample.outgoing).reaction for _ in range(2)] == [Reaction.STORED] * 2
    assert len(orthanc.instances(sample.outgoing.sop_instance_uid)) == 1


def test_an_orthanc_without_jpeg_shows_the_same_picture_uncompressed() -> None:
    sample = photo(rows=60, columns=80)
    with (
        Orthanc(AcceptedTransferSyntaxes=[ImplicitVRLittleEndian, ExplicitVRLittleEndian]) as server,
        StorageSender(RemoteAE(LOOPBACK, server.dicom_port, server.ae_title), "DERMGATE") as sender,
    ):
        result = sender.send(sample.outgoing)
        [kept] = server.instances(sample.outgoing.sop_instance_uid)
        ds = dcmread(io.BytesIO(server.fetch_file(kept)))
    assert (result.reaction, result.transfer_syntax_uid) == (Reaction.STORED, ExplicitVRLittleEndian)
    assert (ds.SOPInstanceUID, ds.LossyImageCompression) == (sample.outgoing.sop_instance_uid, "01")
    assert np.abs(ds.pixel_array.astype(int) - pixels(1, 60, 80)).mean() < 25
