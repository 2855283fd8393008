"""A whole gateway stores what peers send: PDU by PDU into its file; A700 where there is no room; nothing left over."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom.association import Association
from sqlalchemy import func, select

from dimse.addresses import RemoteAE, Timeouts
from dimse.association import break_off, request_association
from dimse.contexts import offered_contexts
from dimse.encoded import EncodedDataSet
from dimse.exchange import NoAnswer, StoreMessage, exchange
from dimse.outgoing import SendResult
from dimse.reactions import Reaction
from dimse.send import StorageSender
from dimse.status import Status
from gateway.archive.tables import InstanceRow
from gateway.config import Settings
from gateway.runtime import Gateway
from tests.integration.dimse.conftest import eventually
from tests.peers import LOOPBACK
from tests.unit.dimse.samples import Sample, photo


@contextmanager
def running(folder: Path, **dimse: Any) -> Iterator[Gateway]:
    archive = {"database": f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"}
    settings = Settings.model_validate({"archive": archive, "dimse": {"port": 0, **dimse}})
    with Gateway(settings, frozenset({"dimse"})) as gateway:
        yield gateway


def remote(gateway: Gateway) -> RemoteAE:
    return RemoteAE(LOOPBACK, gateway.dimse_port, "DERMGATE")


def sent(gateway: Gateway, *samples: Sample) -> list[SendResult]:
    with StorageSender(remote(gateway), "CAMERA") as sender:
        return [sender.send(sample.outgoing) for sample in samples]


def instances(gateway: Gateway) -> int:
    with gateway.database.read() as session:
        return session.scalar(select(func.count()).select_from(InstanceRow)) or 0


def files(folder: Path) -> list[Path]:
    return [path for path in (folder / "objects").rglob("*.dcm") if path.is_file()]


def test_a_full_disk_is_told_and_passes_without_a_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = photo(1, transfer_syntax=ExplicitVRLittleEndian, rows=700, columns=700)
    with running(tmp_path) as gateway:
        write, left = os.write, [300_000]

        def limited(descriptor: int, data: bytes) -> int:
            if len(data) > 100:
                left[0] -= len(data)
            if left[0] < 0 and len(data) > 100:
                raise OSError(errno.ENOSPC, "no space left")
            return write(descriptor, data)

        with monkeypatch.context() as patch, StorageSender(remote(gateway), "CAMERA") as sender:
            patch.setattr("gateway.archive.folder_storage.os.write", limited)
            first = sender.send(large.outgoing)
            assert (first.status, first.reaction) == (Status.OUT_OF_RESOURCES, Reaction.RETRY)
            left[0] = 10_000_000
            assert sender.send(photo(2).outgoing).status == Status.SUCCESS
            assert len(files(tmp_path)) == 1
        assert [result.status for result in sent(gateway, large)] == [Status.SUCCESS]
        assert instances(gateway) == len(files(tmp_path)) == 2


def stored_by_hand(gateway: Gateway, sample: Sample, between: Callable[[int, Association], None]) -> int:
    """The status of one store; `between` is called before each block of the data set but the first."""
    association = request_association(remote(gateway), "CAMERA", offered_contexts([sample.outgoing.pair]), Timeouts())

    class Watched(EncodedDataSet):
        def blocks(self, size: int) -> Iterator[bytes]:
            for number, block in enumerate(super().blocks(size)):
                if number:
                    between(number, association)
                yield block

    context_id = association.accepted_contexts[0].context_id
    assert context_id is not None
    outgoing = sample.outgoing
    try:
        with outgoing.opened() as data_set:
            watched = Watched(data_set.stream, data_set.offset, data_set.length, data_set.transfer_syntax_uid)
            message = StoreMessage(context_id, 1, outgoing.sop_class_uid, outgoing.sop_instance_uid, watched)
            return exchange(association, message, 20).status
    finally:
        break_off(association)


def test_an_object_whose_reading_fails_unforeseen_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("never thought of")

    with running(tmp_path) as gateway:
        with monkeypatch.context() as patch:
            patch.setattr("gateway.archive.staging.read_object", fails)
            (result,) = sent(gateway, photo(1))
        assert result.status == Status.PROCESSING_FAILURE
        assert files(tmp_path) == []
        assert [result.status for result in sent(gateway, photo(1))] == [Status.SUCCESS]


def test_a_sender_that_dies_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    large = photo(1, transfer_syntax=ExplicitVRLittleEndian, rows=1500, columns=1500)
    with running(tmp_path) as gateway:
        with pytest.raises(NoAnswer):
            stored_by_hand(gateway, large, lambda number, association: break_off(association))
        assert eventually(lambda: files(tmp_path) == [])
        assert instances(gateway) == 0


def test_an_object_above_the_limit_leaves_nothing(tmp_path: Path) -> None:
    large = photo(1, transfer_syntax=ExplicitVRLittleEndian, rows=700, columns=700)
    with running(tmp_path, max_object_bytes=500_000) as gateway:
        assert [result.reaction for result in sent(gateway, large)] == [Reaction.UNKNOWN_OUTCOME]
        assert eventually(lambda: files(tmp_path) == [])
        assert [result.status for result in sent(gateway, photo(2))] == [Status.SUCCESS]


def test_a_large_object_is_on_disk_before_all_of_it_was_sent(tmp_path: Path) -> None:
    large = photo(1, transfer_syntax=ExplicitVRLittleEndian, rows=2500, columns=2500)
    seen: list[int] = []

    def written() -> int:
        return max((path.stat().st_size for path in files(tmp_path)), default=0)

    def watch(number: int, _association: Association) -> None:
        if number == 10:
            eventually(lambda: written() > 5_000_000)
            seen.append(written())

    with running(tmp_path) as gateway:
        assert stored_by_hand(gateway, large, watch) == Status.SUCCESS
    assert 5_000_000 < seen[0] < 11_000_000
