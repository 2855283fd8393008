"""A modality that asks for storage commitment, and hears the reports."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.association import Association

from tests.peers import LOOPBACK, free_port

COMMITMENT = "1.2.840.10008.1.20.1"
INSTANCE = "1.2.840.10008.1.20.1.1"

Pair = tuple[str, str]
"""SOP Class UID and SOP Instance UID."""


@dataclass
class Modality:
    """Knows the gateway's port; `reports` are (event type, event information) in the order in which they came."""

    gateway_port: int
    ae_title: str = "CAMERA"
    port: int = field(default_factory=free_port)
    status: int = 0x0000
    reports: list[tuple[int, Dataset]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def associated(self) -> Iterator[Association]:
        """An association for asking, on which reports are heard."""
        ae = AE(self.ae_title)
        ae.add_requested_context(COMMITMENT, ExplicitVRLittleEndian)
        association = ae.associate(LOOPBACK, self.gateway_port, evt_handlers=[(evt.EVT_N_EVENT_REPORT, self._hear)])
        assert association.is_established
        try:
            yield association
        finally:
            association.release()
            if association.dul.socket is not None and association.dul.socket.socket is not None:
                association.dul.socket.socket.close()  # the library leaves it open where we were aborted

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Reports are heard on associations that the gateway opens."""
        ae = AE(self.ae_title)
        ae.add_supported_context(COMMITMENT, scu_role=True, scp_role=True)
        server = ae.start_server(
            (LOOPBACK, self.port), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, self._hear)]
        )
        assert server is not None
        try:
            yield
        finally:
            server.shutdown()

    def wait(self, count: int = 1, seconds: float = 10) -> None:
        """Wait for so many reports."""
        deadline = time.monotonic() + seconds
        while len(self.reports) < count:
            assert time.monotonic() < deadline, "no report came"
            time.sleep(0.02)

    def _hear(self, event: evt.Event) -> tuple[int, None]:
        event_type = event.event_type
        assert event_type is not None
        self.reports.append((event_type, event.event_information))
        self.came.set()
        return self.status, None


def asked(association: Association, transaction_uid: str, pairs: Sequence[Pair], action: int = 1) -> int:
    """Ask for the commitment of these; the status of the answer."""
    information = Dataset()
    information.TransactionUID = transaction_uid
    information.ReferencedSOPSequence = []
    for sop_class_uid, sop_instance_uid in pairs:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class_uid, sop_instance_uid
        information.ReferencedSOPSequence.append(item)
    status, _reply = association.send_n_action(information, action, COMMITMENT, INSTANCE)
    return int(status.Status)


def committed_in(report: Dataset) -> set[str]:
    """The SOP Instance UIDs that a report says are kept."""
    return {str(item.ReferencedSOPInstanceUID) for item in report.get("ReferencedSOPSequence") or ()}


def failed_in(report: Dataset) -> dict[str, int]:
    """Those that it says are not, and why."""
    failed = report.get("FailedSOPSequence") or ()
    return {str(item.ReferencedSOPInstanceUID): int(item.FailureReason) for item in failed}
