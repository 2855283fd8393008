"""A proxy in front of a real PACS that does harm at a chosen moment of an association (PS3.8 9.3)."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import InitVar, dataclass, field
from select import select
from typing import Protocol

from tests.peers import LOOPBACK

ASSOCIATE_RQ, ASSOCIATE_AC, P_DATA, RELEASE_RQ = 1, 2, 4, 5
ABORT = b"\x07\x00\x00\x00\x00\x04\x00\x00\x02\x00"
RELEASE = b"\x05\x00\x00\x00\x00\x04\x00\x00\x00\x00"


def rejection(result: int, source: int, reason: int) -> bytes:
    """An A-ASSOCIATE-RJ."""
    return struct.pack(">BxLxBBB", 3, 4, result, source, reason)


@dataclass(eq=False)
class Wire:
    """One connection that runs through the proxy: the end of who called, and the PACS's."""

    caller: socket.socket
    pacs: socket.socket

    def tell(self, data: bytes) -> None:
        """Say something to the caller in the PACS's place."""
        self.caller.sendall(data)

    def cut(self) -> None:
        """End both connections."""
        for end in (self.caller, self.pacs):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


Harm = Callable[[Wire, bytes], None]
"""What is done with a PDU instead of passing it on."""


class Scheme(Protocol):
    """Decides what befalls each PDU."""

    def harm_for(self, wire: Wire, kind: int, *, spoken_by_pacs: bool) -> Harm | None:
        """What is done with a PDU of this kind, None: it passes. Called in each connection's thread."""


@dataclass(frozen=True)
class Plot:
    """`harm` befalls each PDU of this `kind` that is `spoken_by_pacs` or by the caller."""

    kind: int
    harm: Harm
    spoken_by_pacs: bool = False

    def harm_for(self, _wire: Wire, kind: int, *, spoken_by_pacs: bool) -> Harm | None:
        """As `Scheme` has it."""
        return self.harm if (self.kind, self.spoken_by_pacs) == (kind, spoken_by_pacs) else None


def told(data: bytes) -> Harm:
    """Something else is said in the peer's place."""
    return lambda wire, _pdu: wire.tell(data)


def swallowed(_wire: Wire, _pdu: bytes) -> None:
    """Nothing comes of it."""


def cut(wire: Wire, _pdu: bytes) -> None:
    """The connection ends."""
    wire.cut()


@dataclass
class Saboteur:
    """Listens at `port` (0: any) and passes PDUs on to and fro, but for what the `plot` says."""

    pacs_port: int
    plot: Scheme | None = None
    own_port: InitVar[int] = 0
    wires: list[Wire] = field(default_factory=list)
    _server: socket.socket = field(init=False)

    def __post_init__(self, own_port: int) -> None:
        self._server = socket.create_server((LOOPBACK, own_port))

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.getsockname()[1])

    def start(self) -> None:
        """Begin to take connections."""
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        """Listen no more, and cut what is open."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut_all()

    def cut_all(self) -> None:
        """End what is open."""
        for wire in self.wires:
            wire.cut()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._server.accept()
                self._connect(caller)

    def _connect(self, caller: socket.socket) -> None:
        try:
            pacs = socket.create_connection((LOOPBACK, self.pacs_port))
        except OSError:  # it is down
            caller.close()
            return
        for end in (caller, pacs):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire = Wire(caller, pacs)
        self.wires.append(wire)
        threading.Thread(target=self._relay, args=(wire,), daemon=True).start()

    def _relay(self, wire: Wire) -> None:
        with suppress(OSError, EOFError):
            while True:
                for end in select([wire.caller, wire.pacs], [], [])[0]:
                    self._pass_on(wire, spoken_by_pacs=end is wire.pacs)
        wire.cut()
        wire.caller.close()
        wire.pacs.close()

    def _pass_on(self, wire: Wire, *, spoken_by_pacs: bool) -> None:
        speaker, hearer = (wire.pacs, wire.caller) if spoken_by_pacs else (wire.caller, wire.pacs)
        pdu = _pdu(speaker)
        harm = None if self.plot is None else self.plot.harm_for(wire, pdu[0], spoken_by_pacs=spoken_by_pacs)
        if harm is not None:
            harm(wire, pdu)
        else:
            hearer.sendall(pdu)


def _pdu(speaker: socket.socket) -> bytes:
    header = _exactly(speaker, 6)
    return header + _exactly(speaker, int.from_bytes(header[2:], "big"))


def _exactly(speaker: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        part = speaker.recv(count - len(received))
        if not part:
            raise EOFError
        received += part
    return received
