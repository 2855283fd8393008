"""Peers of the DIMSE tests: DCMTK's programs, associations by pynetdicom, and sockets that misbehave."""

import io
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import BaseServer

import pytest
from pynetdicom import AE, evt
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import ThreadedAssociationServer

from deploy.demo import processes
from dimse.addresses import RemoteAE, Timeouts
from dimse.contexts import provider_contexts
from dimse.incoming import ProviderConfig, ReceivedInstance
from dimse.part10 import read_head
from dimse.receive import StorageProvider
from dimse.storing import held_whole
from tests.peers import LOOPBACK, free_port, require

HASTY = Timeouts(connect_seconds=0.5, acse_seconds=0.5, dimse_seconds=0.5, network_seconds=0.5)
"""For peers that do not answer."""

DCMTK_ENVIRONMENT = {"TCP_NODELAY": "1", "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
"""Without the first, DCMTK waits 40 ms for each exchange (see the peers' documentation)."""


def data_set_of(file: bytes) -> bytes:
    """The bytes behind the file meta information."""
    return file[read_head(io.BytesIO(file)).data_set_offset :]


@dataclass
class Receiver:
    """DCMTK's storescp and the folder it writes what it receives to, bit for bit."""

    remote: RemoteAE
    folder: Path

    def data_sets(self) -> list[bytes]:
        return sorted(data_set_of(path.read_bytes()) for path in self.folder.iterdir())


@pytest.fixture
def storescp(tmp_path: Path) -> Iterator[Callable[..., Receiver]]:
    """Start DCMTK's storescp with options; it takes every transfer syntax if the options say so."""
    program = require("storescp")
    with ExitStack() as stack:

        def start(*options: str) -> Receiver:
            folder = tmp_path / "received"
            folder.mkdir()
            port = free_port()
            log = tmp_path / "storescp.log"
            process = processes.start(
                [program, "-aet", "PACS", "-od", folder, *options, str(port)],
                log,
                folder=folder,
                environment=DCMTK_ENVIRONMENT,
            )
            stack.callback(processes.end, process)
            processes.wait_for_ports(process, [port], log)
            return Receiver(RemoteAE(LOOPBACK, port, "PACS"), folder)

        yield start


@dataclass
class Pacs:
    """A peer made of pynetdicom: what it was asked, and over how many associations."""

    remote: RemoteAE
    stored: list[bytes] = field(default_factory=list)
    offered: list[list[tuple[str, tuple[str, ...]]]] = field(default_factory=list)
    released: int = 0
    connections: list[socket.socket] = field(default_factory=list)
    server: ThreadedAssociationServer | None = None


def encoded(event: evt.Event) -> bytes:
    return event.encoded_dataset(include_meta=False)


@pytest.fixture
def pacs() -> Iterator[Callable[..., Pacs]]:
    """Start a peer by pynetdicom; `answer` makes the status of each C-STORE, attributes of AE as keywords."""
    with ExitStack() as stack:

        def start(
            answer: Callable[[evt.Event], object] = lambda event: 0,
            contexts: list[PresentationContext] | None = None,
            **settings: object,
        ) -> Pacs:
            peer = Pacs(RemoteAE(LOOPBACK, free_port(), "PACS"))

            def handle_c_store(event: evt.Event) -> object:
                peer.stored.append(encoded(event))
                return answer(event)

            def handle_request(event: evt.Event) -> None:
                proposed = event.assoc.requestor.primitive
                assert proposed is not None
                peer.offered.append(
                    [
                        (str(context.abstract_syntax), tuple(context.transfer_syntax))
                        for context in proposed.presentation_context_definition_list
                    ]
                )

            def handle_connection(event: evt.Event) -> None:
                wrapped = event.assoc.dul.socket
                assert wrapped is not None
                assert wrapped.socket is not None
                peer.connections.append(wrapped.socket)

            def handle_release(event: evt.Event) -> None:
                peer.released += 1

            ae = AE("PACS")
            for name, value in settings.items():
                setattr(ae, name, value)
            peer.server = ae.make_server(
                (LOOPBACK, peer.remote.port),
                contexts=contexts or provider_contexts(),
                evt_handlers=[
                    (evt.EVT_CONN_OPEN, handle_connection),
                    (evt.EVT_C_STORE, handle_c_store),
                    (evt.EVT_REQUESTED, handle_request),
                    (evt.EVT_RELEASED, handle_release),
                ],
                server_class=ThreadedAssociationServer,
            )
            thread = threading.Thread(target=peer.server.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            stack.callback(_end, peer, ae, thread)
            return peer

        yield start


def _end(peer: Pacs, ae: AE, thread: threading.Thread) -> None:
    assert peer.server is not None
    BaseServer.shutdown(peer.server)
    thread.join()
    peer.server.server_close()
    for association in ae.active_associations:
        association.abort()
    for connection in peer.connections:  # the library leaves some open
        connection.close()


@pytest.fixture
def listener() -> Iterator[Callable[[Callable[[socket.socket], None]], RemoteAE]]:
    """Listen on a bare socket and run a script on each connection taken; connections close after the test."""
    with ExitStack() as stack:

        def start(script: Callable[[socket.socket], None]) -> RemoteAE:
            server = stack.enter_context(closing(socket.create_server((LOOPBACK, 0))))
            thread = threading.Thread(target=_serve, args=(server, script, stack), daemon=True)
            thread.start()
            stack.callback(thread.join, 5)
            stack.callback(_wake, server)
            return RemoteAE(LOOPBACK, server.getsockname()[1], "PACS")

        yield start


def _serve(server: socket.socket, script: Callable[[socket.socket], None], stack: ExitStack) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            stack.enter_context(closing(connection))
            with suppress(OSError):
                script(connection)


def _wake(server: socket.socket) -> None:
    with suppress(OSError):
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def black_hole() -> Iterator[RemoteAE]:
    """An address that takes no connection and says nothing: a full backlog drops what knocks, as a firewall would."""
    with socket.create_server((LOOPBACK, 0), backlog=0) as server, socket.socket() as first, socket.socket() as second:
        for filling in (first, second):
            filling.setblocking(False)
            filling.connect_ex(server.getsockname())
        yield RemoteAE(LOOPBACK, server.getsockname()[1], "PACS")


@dataclass
class Providing:
    """A provider of ours and what was handed to its callable."""

    provider: StorageProvider
    received: list[ReceivedInstance]

    @property
    def remote(self) -> RemoteAE:
        return RemoteAE(LOOPBACK, self.provider.port, "DERMGATE")


@pytest.fixture
def providing() -> Iterator[Callable[..., Providing]]:
    """Start a provider of ours; `answer` makes the status, fields of ProviderConfig as keywords."""
    with ExitStack() as stack:

        def start(answer: Callable[[ReceivedInstance], int] = lambda instance: 0, **settings: object) -> Providing:
            received: list[ReceivedInstance] = []

            def store(instance: ReceivedInstance) -> int:
                received.append(instance)
                return answer(instance)

            config = ProviderConfig(**({"host": LOOPBACK, "port": 0, "ae_title": "DERMGATE"} | settings))  # type: ignore[arg-type]  # a test's settings
            provider = StorageProvider(config, held_whole(store))
            provider.start()
            stack.callback(provider.stop, 1)
            return Providing(provider, received)

        yield start


def run_dcmtk(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run one of DCMTK's programs to its end."""
    return subprocess.run(
        [require(program), *arguments], capture_output=True, text=True, timeout=60, check=False, env=DCMTK_ENVIRONMENT
    )


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait until `condition` holds; return whether it came to hold in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
