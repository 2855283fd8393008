"""A provider that answers queries, what it knows made up by the test, and pynetdicom as the peer that asks."""

import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_FIND
from pynetdicom.dsutils import decode
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation

from dimse.incoming import ProviderConfig
from dimse.query_models import STUDY_ROOT_FIND
from dimse.querying import Finder, Found, JsonObject, Query
from dimse.receive import StorageProvider
from dimse.storing import held_whole
from tests.peers import LOOPBACK


def study(number: int) -> JsonObject:
    """What is known of one study."""
    return {
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": f"Hong^{number}", "Phonetic": "홍^길동"}]},
        "00100020": {"vr": "LO", "Value": [f"P-{number}"]},
        "0020000D": {"vr": "UI", "Value": [f"1.2.{number}"]},
    }


@dataclass
class Knowing:
    """A `Finder` that knows some studies and gives each query as many as it wants of them."""

    known: Sequence[JsonObject] = ()
    queries: list[Query] = field(default_factory=list)
    keys_left_aside: bool = False
    error: Exception | None = None
    taken: int = 0
    hold: threading.Event | None = None
    """Waited for before each answer but the first."""

    def read(self, identifier: bytes, *, implicit: bool) -> Dataset:
        data_set = decode(BytesIO(identifier), implicit, True)
        data_set.decode()
        return data_set

    def find(self, query: Query) -> Found:
        self.queries.append(query)
        if self.error is not None:
            raise self.error
        return Found(self._answers(query.limit), max(len(self.known) - query.limit, 0), self.keys_left_aside)

    def _answers(self, limit: int) -> Iterator[JsonObject]:
        for one in self.known[:limit]:
            if self.taken and self.hold is not None:
                self.hold.wait(5)
            self.taken += 1
            yield one


@contextmanager
def answering(finder: Finder, **settings: Any) -> Iterator[StorageProvider]:
    """A provider of ours that asks `finder`."""
    config = ProviderConfig(host=LOOPBACK, port=0, ae_title="DERMGATE", **settings)
    provider = StorageProvider(config, held_whole(lambda _instance: 0), finder)
    provider.start()
    try:
        yield provider
    finally:
        provider.stop(1)


@contextmanager
def associated(
    port: int,
    sop_class: str = STUDY_ROOT_FIND,
    syntaxes: Sequence[str] = (ExplicitVRLittleEndian, ImplicitVRLittleEndian),
    extended: Mapping[str, bytes] | None = None,
    max_pdu: int = 16382,
) -> Iterator[Association]:
    """An association for queries."""
    ae = AE("VIEWER")
    ae.add_requested_context(sop_class, [UID(syntax) for syntax in syntaxes])
    items: list[Any] = []
    for uid, information in (extended or {}).items():
        item = SOPClassExtendedNegotiation()
        item.sop_class_uid, item.service_class_application_information = UID(uid), information
        items.append(item)
    association = ae.associate(LOOPBACK, port, ae_title="DERMGATE", ext_neg=items, max_pdu=max_pdu)
    try:
        yield association
    finally:
        if association.is_established:
            association.release()


@dataclass
class Answers:
    """What came back: every pending answer, their statuses, and the last status with what it says."""

    items: list[Dataset] = field(default_factory=list)
    pending: set[int] = field(default_factory=set)
    final: Dataset = field(default_factory=Dataset)


def ask(
    association: Association,
    keys: Mapping[str, Any],
    sop_class: str = STUDY_ROOT_FIND,
    level: str | None = "STUDY",
    on_answer: Callable[[int], None] = lambda _count: None,
) -> Answers:
    """Send one query and take every answer; `on_answer` is told how many came."""
    identifier = Dataset()
    if level is not None:
        identifier.QueryRetrieveLevel = level
    if not all(value.isascii() for value in keys.values() if isinstance(value, str)):
        identifier.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in keys.items():
        setattr(identifier, keyword, value)
    found = Answers()
    for status, item in association.send_c_find(identifier, UID(sop_class), msg_id=7):
        if item is None:
            found.final = status
        else:
            found.items.append(item)
            found.pending.add(status.Status)
            on_answer(len(found.items))
    return found


def sent_raw(association: Association, identifier: bytes, sop_class: str = STUDY_ROOT_FIND) -> int | None:
    """The status of the response to a request of these bytes, None where the association ended."""
    request = C_FIND()
    request.MessageID, request.AffectedSOPClassUID, request.Priority = 9, UID(sop_class), 2
    request.Identifier = BytesIO(identifier)
    association._reactor_checkpoint.clear()
    while not association._is_paused:
        time.sleep(0.0001)
    context_id = association.accepted_contexts[0].context_id
    assert context_id is not None
    association.dimse.send_msg(request, context_id)
    _, response = association.dimse.get_msg(block=True)
    association._reactor_checkpoint.set()
    assert response is None or isinstance(response, C_FIND)
    return None if response is None else response.Status


def status_of_raw(port: int, identifier: bytes) -> int | None:
    """As `sent_raw`, over an association of its own, in Explicit VR Little Endian."""
    with associated(port, syntaxes=[ExplicitVRLittleEndian]) as association:
        return sent_raw(association, identifier)


def explicit(tag: int, vr: bytes, value: bytes) -> bytes:
    """One element in Explicit VR Little Endian, of a VR with a short length."""
    value += b" " * (len(value) % 2)
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value
