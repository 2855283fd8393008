"""A PACS with every fault but one: what it is asked about its shelf it answers honestly. To be run and killed:

python -m tests.e2e.fault_run.faulty_pacs FOLDER PORT SEED CALLER_PORT
"""

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import AllTransferSyntaxes, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, AllStoragePresentationContexts, evt

from tests.e2e.fault_run.accidents import Accidents
from tests.e2e.fault_run.honest_reports import COMMITMENT, HonestReports, caller
from tests.e2e.fault_run.shelf import Arrival, Shelf, append_line, sha256_of_data_set
from tests.integration.delivery.sabotage import Saboteur
from tests.peers import LOOPBACK

AE_TITLE = "FAULTY"
CALLER_AE_TITLE = "DERMGATE"
ACCIDENTS_FILE = "accidents.txt"

_STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
_DERMOSCOPIC_PHOTOGRAPHY = "1.2.840.10008.5.1.4.1.1.77.1.7"  # not among pynetdicom's contexts

ANSWERED_BADLY = 3
"""Arrivals of one instance that may be; fewer than make a delivery dead."""

FATES = {
    "kept": (0x0000, True, 60),
    "kept with a warning": (0xB000, True, 8),
    "out of resources": (0xA700, False, 12),
    "failed": (0x0110, False, 8),
    "kept, but failed to say so": (0x0110, True, 6),
    "said to be kept, and lost": (0x0000, False, 6),
}
"""Of an instance that came whole: the answer, whether it is kept, and how often."""
DUPLICATE = 0x0111
CALLED_A_DUPLICATE = 0.5


class FaultyPacs:
    """Answers one association after another from its shelf."""

    def __init__(self, shelf: Shelf, reports: HonestReports, chance: random.Random) -> None:
        self._shelf = shelf
        self._reports = reports
        self._chance = chance

    def listen(self) -> int:
        """Serve, in threads; the port, that of the PACS without its accidents."""
        ae = AE(AE_TITLE)
        ae.maximum_associations = 100
        for context in AllStoragePresentationContexts:
            ae.add_supported_context(str(context.abstract_syntax), AllTransferSyntaxes)
        ae.add_supported_context(_DERMOSCOPIC_PHOTOGRAPHY, AllTransferSyntaxes)
        for service in (_STUDY_ROOT_FIND, COMMITMENT):
            ae.add_supported_context(service, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
        handlers: list[evt.EventHandlerType] = [
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_C_FIND, self._find),
            (evt.EVT_N_ACTION, self._reports.take),
        ]
        server = ae.start_server((LOOPBACK, 0), block=False, evt_handlers=handlers)
        assert server is not None
        return int(server.server_address[1])

    def _store(self, event: evt.Event) -> int:
        uid = str(event.request.AffectedSOPInstanceUID)  # type: ignore[union-attr]  # it is a C-STORE
        fate, status, is_kept = self._fate(uid)
        file = event.encoded_dataset()
        if is_kept:
            self._shelf.keep(uid, file)
        self._shelf.note(Arrival(uid, sha256_of_data_set(file), fate))
        return status

    def _fate(self, uid: str) -> tuple[str, int, bool]:
        if self._shelf.holds(uid) and self._chance.random() < CALLED_A_DUPLICATE:
            return "held already", DUPLICATE, False
        if self._shelf.came(uid) >= ANSWERED_BADLY:
            return "kept", 0x0000, True
        [fate] = self._chance.choices(list(FATES), [weight for _status, _is_kept, weight in FATES.values()])
        status, is_kept, _weight = FATES[fate]
        return fate, status, is_kept

    def _find(self, event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        keys = event.identifier
        wanted = keys.SOPInstanceUID
        for uid in [wanted] if isinstance(wanted, str) else list(wanted):
            held = self._shelf.shown(str(uid))
            if held is not None and all(held[name] == keys[name] for name in ("StudyInstanceUID", "SeriesInstanceUID")):
                held.QueryRetrieveLevel = "IMAGE"
                yield 0xFF00, held


def main() -> None:
    """Serve until killed."""
    folder, port, seed, caller_port = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    shelf = Shelf(folder)
    chance = random.Random(f"{seed}, after {len(shelf.arrivals())} arrivals")
    reports = HonestReports(folder, shelf, caller(AE_TITLE, CALLER_AE_TITLE, caller_port), chance)
    accidents = Accidents(chance, lambda name: append_line(folder / ACCIDENTS_FILE, name))
    saboteur = Saboteur(FaultyPacs(shelf, reports, chance).listen(), accidents, port)
    saboteur.start()
    reports.start()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main()
