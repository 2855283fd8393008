"""A small PACS where Orthanc is not installed: keeps what it is sent in a folder, answers C-ECHO and C-FIND.

It knows nothing of Dermgate: pynetdicom's own server, answering for instances by their UIDs alone.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.events import Event
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made at import time
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)
from pynetdicom.transport import ThreadedAssociationServer

from deploy.demo.processes import LOOPBACK

_SUCCESS = 0x0000
_PENDING = 0xFF00
_IDENTIFIER_DOES_NOT_MATCH = 0xA900  # PS3.4 C.4.1.1.4
_DERMOSCOPIC_PHOTOGRAPHY = "1.2.840.10008.5.1.4.1.1.77.1.7"  # not among pynetdicom's contexts
_KEYS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


class SimplePacs:
    """Files in a folder, found again by UID. Receives on threads of pynetdicom's."""

    def __init__(self, folder: Path, ae_title: str, port: int) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._instances: dict[str, Dataset] = {}
        self._server = self._start(ae_title, port)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()

    def _start(self, ae_title: str, port: int) -> ThreadedAssociationServer:
        ae = AE(ae_title=ae_title)
        for context in AllStoragePresentationContexts:
            ae.add_supported_context(str(context.abstract_syntax), AllTransferSyntaxes)
        ae.add_supported_context(_DERMOSCOPIC_PHOTOGRAPHY, AllTransferSyntaxes)
        ae.add_supported_context(Verification)
        ae.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
        handlers: list[evt.EventHandlerType] = [
            (evt.EVT_C_STORE, self._handle_c_store),
            (evt.EVT_C_FIND, self._handle_c_find),
        ]
        server = ae.start_server((LOOPBACK, port), block=False, evt_handlers=handlers)
        assert server is not None  # it is None only where it blocks
        return server

    def _handle_c_store(self, event: Event) -> int:
        ds = event.dataset
        found = Dataset()
        for key in _KEYS:
            setattr(found, key, ds[key].value)
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{len(self._instances) + 1:06}.dcm"
            path.write_bytes(event.encoded_dataset())
            self._instances[found.SOPInstanceUID] = found
        return _SUCCESS

    def _handle_c_find(self, event: Event) -> Iterator[tuple[int, Dataset | None]]:
        if event.identifier.get("QueryRetrieveLevel") != "IMAGE":
            yield _IDENTIFIER_DOES_NOT_MATCH, None
            return
        wanted = {key: event.identifier.get(key) for key in _KEYS if event.identifier.get(key)}
        with self._lock:
            instances = list(self._instances.values())
        for instance in instances:
            if all(instance.get(key) == value for key, value in wanted.items()):
                answer = Dataset()
                answer.update(instance)
                answer.QueryRetrieveLevel = "IMAGE"
                yield _PENDING, answer
