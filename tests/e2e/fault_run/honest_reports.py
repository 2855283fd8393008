"""Storage commitment as the faulty PACS provides it: requests are kept until their report was taken (PS3.4 Annex J)."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.presentation import build_role

from tests.e2e.fault_run.shelf import Shelf
from tests.peers import LOOPBACK

COMMITMENT, COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
NO_SUCH_INSTANCE = 0x0112
REPORT_ON_SAME_ASSOCIATION = 0.5
"""How often; else the caller is called later."""

_ANSWER_LEAVES_SECONDS = 0.1
_CALLED_AFTER_SECONDS = 1.5
_PATIENCE_SECONDS = 5

Reference = tuple[str, str]
"""SOP class, SOP instance."""


class HonestReports:
    """Reports what is on the shelf and what is not, again until it is taken.

    `call` asks those for an association who made the request.
    """

    def __init__(self, folder: Path, shelf: Shelf, call: Callable[[], Association], chance: random.Random) -> None:
        self._folder = folder / "requests"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._shelf = shelf
        self._call = call
        self._chance = chance

    def start(self) -> None:
        """Begin to report what is owed, what an earlier process took among it."""
        threading.Thread(target=self._report_owed, daemon=True).start()

    def take(self, event: evt.Event) -> tuple[int, None]:
        """Answer an N-ACTION; the request is kept by then."""
        asked = event.action_information
        references = [
            (str(one.ReferencedSOPClassUID), str(one.ReferencedSOPInstanceUID)) for one in asked.ReferencedSOPSequence
        ]
        path = self._folder / str(asked.TransactionUID)
        written = path.with_suffix(".tmp")
        written.write_text(json.dumps(references))
        written.replace(path)
        if self._chance.random() < REPORT_ON_SAME_ASSOCIATION:
            threading.Thread(target=self._report_here, args=(event.assoc, path), daemon=True).start()
        return 0x0000, None

    def _report_here(self, association: Association, path: Path) -> None:
        time.sleep(_ANSWER_LEAVES_SECONDS)
        if association.is_established:
            self._report(association, path)

    def _report_owed(self) -> None:
        while True:
            for path in self._owed():
                self._call_and_report(path)
            time.sleep(_ANSWER_LEAVES_SECONDS)

    def _owed(self) -> Iterator[Path]:
        for path in sorted(self._folder.iterdir()):
            if not path.name.endswith(".tmp") and time.time() - path.stat().st_mtime > _CALLED_AFTER_SECONDS:
                yield path

    def _call_and_report(self, path: Path) -> None:
        association = self._call()
        if not association.is_established:
            time.sleep(_CALLED_AFTER_SECONDS)
            return
        self._report(association, path)
        association.release()

    def _report(self, association: Association, path: Path) -> None:
        references: list[Reference] = [(kind, uid) for kind, uid in json.loads(path.read_text())]
        kept = [one for one in references if self._shelf.holds(one[1])]
        lost = [one for one in references if one not in kept]
        try:
            status, _reply = association.send_n_event_report(
                _information(path.name, kept, lost), 2 if lost else 1, COMMITMENT, COMMITMENT_INSTANCE
            )
        except RuntimeError:  # the association ended meanwhile
            return
        if "Status" in status:
            path.unlink(missing_ok=True)


def caller(ae_title: str, called_ae_title: str, port: int) -> Callable[[], Association]:
    """How an application entity on this machine is called with reports, by us as `ae_title`."""

    def call() -> Association:
        ae = AE(ae_title)
        ae.acse_timeout = ae.dimse_timeout = ae.connection_timeout = _PATIENCE_SECONDS
        ae.add_requested_context(COMMITMENT, [ExplicitVRLittleEndian])
        role = build_role(COMMITMENT, scp_role=True)
        return ae.associate(LOOPBACK, port, ae_title=called_ae_title, ext_neg=[role])

    return call


def _information(transaction_uid: str, kept: Sequence[Reference], lost: Sequence[Reference]) -> Dataset:
    information = Dataset()
    information.TransactionUID = transaction_uid
    information.ReferencedSOPSequence = [_item(one) for one in kept]
    if lost:
        information.FailedSOPSequence = [_item(one) for one in lost]
        for item in information.FailedSOPSequence:
            item.FailureReason = NO_SUCH_INSTANCE
    return information


def _item(reference: Reference) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = reference
    return item
