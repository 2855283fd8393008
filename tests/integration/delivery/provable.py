"""A PACS in this process that stores, is queried and is asked for storage commitment, as honestly as it is told to."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, VLPhotographicImageStorage
from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.presentation import build_role
from pynetdicom.transport import ThreadedAssociationServer

from tests.peers import LOOPBACK, free_port

STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.2.1"
COMMITMENT = "1.2.840.10008.1.20.1"
COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"

Reporting = Literal["same association", "new association", "never"]


@dataclass
class ProvablePacs:
    """Keeps what it is sent, but the UIDs in `forgets`; answers stores with `status`.

    Without `finds` it takes no queries, without `commits` no storage commitment. `lists` says whether it matches lists
    of UIDs; where it does not, it answers them with `of_lists`. With `keeps_the_first` it stores nothing over what it
    has, and says that it did. It reports as `reporting` says, to `caller_port`,
    refusing the UIDs in `refuses` for `reason`; `questions` counts how often it was queried for a UID, `requests` keeps
    (transaction UID, UIDs) in order, and `answers` the statuses that its reports were answered with.
    """

    finds: bool = True
    commits: bool = True
    lists: bool = True
    of_lists: int = 0x0000
    keeps_the_first: bool = False
    status: int = 0x0000
    reporting: Reporting = "same association"
    caller_port: int = 0
    caller_ae_title: str = "DERMGATE"
    ae_title: str = "PACS"
    reason: int = 0x0112
    port: int = field(default_factory=free_port)
    forgets: set[str] = field(default_factory=set)
    refuses: set[str] = field(default_factory=set)
    kept: dict[str, Dataset] = field(default_factory=dict)
    received: Counter[str] = field(default_factory=Counter)
    questions: Counter[str] = field(default_factory=Counter)
    requests: list[tuple[str, list[str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    before_answer: threading.Event = field(default_factory=threading.Event)
    _server: ThreadedAssociationServer | None = None

    def start(self) -> "ProvablePacs":
        """Listen."""
        self.before_answer.set()
        ae = AE(self.ae_title)
        ae.add_supported_context(VLPhotographicImageStorage, ExplicitVRLittleEndian)
        native = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
        if self.finds:
            ae.add_supported_context(STUDY_ROOT, native)
        if self.commits:
            ae.add_supported_context(COMMITMENT, native)
        handlers: list[Any] = [
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_C_FIND, self._find),
            (evt.EVT_N_ACTION, self._take),
        ]
        server = ae.start_server((LOOPBACK, self.port), block=False, evt_handlers=handlers)
        assert server is not None
        self._server = server
        return self

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server = None

    def __enter__(self) -> "ProvablePacs":
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def report(self, transaction_uid: str, uids: list[str], *, port: int | None = None) -> int | None:
        """Call and report; the status that this was answered with, None where there was no answer."""
        ae = AE(self.ae_title)
        ae.add_requested_context(COMMITMENT, [ExplicitVRLittleEndian])
        role = build_role(COMMITMENT, scp_role=True)
        called = port or self.caller_port
        association = ae.associate(LOOPBACK, called, ae_title=self.caller_ae_title, ext_neg=[role])
        if not association.is_established:
            return None
        try:
            return self._report(association, transaction_uid, uids)
        finally:
            association.release()

    def _store(self, event: evt.Event) -> int:
        assert isinstance(event.request, C_STORE)
        uid = str(event.request.AffectedSOPInstanceUID)
        self.received[uid] += 1
        stays = self.keeps_the_first and uid in self.kept
        if self.status == 0 and uid not in self.forgets and not stays:
            self.kept[uid] = event.dataset
        return self.status

    def _find(self, event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        keys = event.identifier
        if keys.QueryRetrieveLevel == "STUDY":
            yield from self._find_study(keys)
            return
        wanted = keys.SOPInstanceUID
        uids = [wanted] if isinstance(wanted, str) else list(wanted)
        self.questions.update(str(uid) for uid in uids)
        if not self.lists and len(uids) > 1:
            if self.of_lists:
                yield self.of_lists, None
            return
        for uid in uids:
            ds = self.kept.get(str(uid))
            same = ds is not None and all(
                ds.get(name) == keys.get(name) for name in ("StudyInstanceUID", "SeriesInstanceUID")
            )
            if ds is not None and same:
                found = Dataset()
                found.QueryRetrieveLevel = "IMAGE"
                found.SOPInstanceUID, found.SOPClassUID = str(uid), ds.SOPClassUID
                yield 0xFF00, found

    def _find_study(self, keys: Dataset) -> Iterator[tuple[int, Dataset | None]]:
        of_study = (ds for ds in self.kept.values() if ds.StudyInstanceUID == keys.StudyInstanceUID)
        for patient_id in {str(ds.PatientID) for ds in of_study} & {str(keys.PatientID)}:
            found = Dataset()
            found.QueryRetrieveLevel, found.StudyInstanceUID, found.PatientID = (
                "STUDY",
                keys.StudyInstanceUID,
                patient_id,
            )
            yield 0xFF00, found

    def _take(self, event: evt.Event) -> tuple[int, None]:
        asked = event.action_information
        uids = [str(one.ReferencedSOPInstanceUID) for one in asked.ReferencedSOPSequence]
        transaction_uid = str(asked.TransactionUID)
        self.requests.append((transaction_uid, uids))
        self.before_answer.wait(20)
        if self.reporting != "never":
            target = self._report_here if self.reporting == "same association" else self._report_anew
            threading.Thread(target=target, args=(event.assoc, transaction_uid, uids), daemon=True).start()
        return 0x0000, None

    def _report_here(self, association: Any, transaction_uid: str, uids: list[str]) -> None:
        time.sleep(0.1)  # until the response to the request has left
        self._report(association, transaction_uid, uids)

    def _report_anew(self, _association: Any, transaction_uid: str, uids: list[str]) -> None:
        self.report(transaction_uid, uids)

    def _report(self, association: Any, transaction_uid: str, uids: list[str]) -> int | None:
        failed = [uid for uid in uids if uid in self.refuses or uid not in self.kept]
        information = Dataset()
        information.TransactionUID = transaction_uid
        information.ReferencedSOPSequence = [_reference(uid) for uid in uids if uid not in failed]
        if failed:
            information.FailedSOPSequence = [_reference(uid) for uid in failed]
            for item in information.FailedSOPSequence:
                item.FailureReason = self.reason
        status, _reply = association.send_n_event_report(
            information, 2 if failed else 1, COMMITMENT, COMMITMENT_INSTANCE
        )
        if "Status" not in status:
            return None
        self.answers.append(int(status.Status))
        return int(status.Status)


def _reference(uid: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = VLPhotographicImageStorage, uid
    return item
