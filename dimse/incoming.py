"""What a provider is told, and what it hands on."""

import ipaddress
from dataclasses import dataclass, field

from dimse.addresses import Timeouts, checked_ae_title, checked_host
from dimse.errors import InvalidAddress
from dimse.part10 import written_head
from dimse.tls import TlsServer
from dimse.transport import HIGHEST_PDU_BYTES

LOWEST_PDU_BYTES = 4096
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody who may call: by AE title (padding stripped), from `host` (a name or an IP address)."""

    ae_title: str
    host: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "ae_title", checked_ae_title(self.ae_title))
        checked_host(self.host)


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """How a provider listens and whom it lets in.

    `port` 0 takes a free one. No `peers` means everybody, which is allowed on loopback only. `max_associations`
    at a time; more are told to come back. `max_pdu_bytes` is what peers are asked to keep P-DATA below;
    `max_object_bytes` bounds one data set. `timeouts.acse_seconds`
    is how long a new connection may wait before it asks for an association, `timeouts.network_seconds` how long
    an association may be idle. `max_answers` are given to one query at most, `max_retrieved` instances to one
    retrieval. With `tls` nobody is heard without it.
    """

    host: str
    port: int
    ae_title: str
    peers: tuple[Peer, ...] = ()
    max_associations: int = 16
    max_pdu_bytes: int = 128 * 1024
    max_object_bytes: int = 256 * MEBIBYTE
    timeouts: Timeouts = field(default_factory=Timeouts)
    require_called_ae_title: bool = False
    max_answers: int = 10_000
    max_retrieved: int = 10_000
    tls: TlsServer | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "ae_title", checked_ae_title(self.ae_title))
        checked_host(self.host)
        if not 0 <= self.port <= 65535:
            raise InvalidAddress(f"a port is a number from 0 to 65535, not {self.port}")
        if not LOWEST_PDU_BYTES <= self.max_pdu_bytes <= HIGHEST_PDU_BYTES:
            raise InvalidAddress(f"max_pdu_bytes lies between {LOWEST_PDU_BYTES} and {HIGHEST_PDU_BYTES}")
        if min(self.max_associations, self.max_object_bytes, self.max_answers, self.max_retrieved) < 1:
            raise InvalidAddress("max_associations, max_object_bytes, max_answers and max_retrieved are at least 1")
        if not self.peers and not is_loopback(self.host):
            raise InvalidAddress("peers must be listed before others than this machine may call")


@dataclass(frozen=True, slots=True)
class StoreRequest:
    """What a peer says of an instance that it begins to send; nothing of it has been compared with the instance.

    The UIDs are digits and dots, at most 64 characters. `address` is the peer's IP address.
    """

    calling_ae_title: str
    called_ae_title: str
    address: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str

    def part10_head(self) -> bytes:
        """Return what makes a DICOM file of the data set behind it: zero preamble, our file meta information."""
        return written_head(
            sop_class_uid=self.sop_class_uid,
            sop_instance_uid=self.sop_instance_uid,
            transfer_syntax_uid=self.transfer_syntax_uid,
            source_ae_title=self.calling_ae_title,
        )


@dataclass(frozen=True, slots=True)
class ReceivedInstance:
    """One instance as a peer sent it, encoded as `request` says; nothing in `data_set` has been decoded or checked."""

    request: StoreRequest
    data_set: bytes

    def part10(self) -> bytes:
        """Return it as a DICOM file, the data set byte for byte."""
        return self.request.part10_head() + self.data_set
