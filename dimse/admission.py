"""Who may call: the list of peers, by AE title and address."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

from dimse.incoming import Peer

REFRESH_SECONDS = 60.0
"""How long the addresses of host names are believed."""


def resolved(host: str) -> frozenset[str]:
    """Return the IP addresses of `host`, none where its name is not known. May block on the resolver."""
    with suppress(ValueError):
        return frozenset({str(ipaddress.ip_address(host))})
    with suppress(OSError, UnicodeError):
        return frozenset(str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    return frozenset()


def plain_address(address: str) -> str:
    """Return an IP address in its usual spelling, an IPv4 address that came over IPv6 as IPv4."""
    parsed = ipaddress.ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


class Admission:
    """The peers that may call; no peers means everybody.

    Addresses of names are looked up at the start and again, at most every REFRESH_SECONDS, when somebody calls
    who is not known: in a thread of its own, so that a slow resolver holds up nobody else. A name that is not
    found then keeps the addresses it had: a resolver that fails locks nobody out.
    """

    def __init__(
        self,
        peers: Iterable[Peer],
        resolve: Callable[[str], frozenset[str]] = resolved,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._peers = tuple(peers)
        self._resolve = resolve
        self._clock = clock
        self._addresses: dict[str, frozenset[str]] = {}
        self._allowed: frozenset[tuple[str, str]] = frozenset()
        self._lock = threading.Lock()
        self._looked_up_at = float("-inf")
        self._look_up()

    def knows_address(self, address: str) -> bool:
        """Return whether some peer calls from `address`, as far as looked up; never blocks."""
        plain = plain_address(address)
        return not self._peers or any(plain == known for _, known in self._allowed)

    def look_up_soon(self) -> None:
        """Look addresses up again, if that was not done lately, without waiting for it: a peer's may have changed."""
        with self._lock:
            is_due = self._clock() - self._looked_up_at >= REFRESH_SECONDS
            if is_due:
                self._looked_up_at = self._clock()
        if is_due:
            threading.Thread(target=self._look_up, name="dimse-peers", daemon=True).start()

    def allows(self, ae_title: str, address: str) -> bool:
        """Return whether `ae_title` may call from `address`. May block on the resolver."""
        if not self._peers:
            return True
        caller = (ae_title, plain_address(address))
        if caller not in self._allowed and self._clock() - self._looked_up_at >= REFRESH_SECONDS:
            self._look_up()
        return caller in self._allowed

    def _look_up(self) -> None:
        self._looked_up_at = self._clock()
        found = {peer.host: self._resolve(peer.host) for peer in self._peers}
        self._addresses = {
            host: addresses or self._addresses.get(host, frozenset()) for host, addresses in found.items()
        }
        self._allowed = frozenset(
            (peer.ae_title, plain_address(address)) for peer in self._peers for address in self._addresses[peer.host]
        )


class Lives(Protocol):
    """Something that ends by itself, as the thread of an association does."""

    def is_alive(self) -> bool:
        """Return whether it has not ended yet."""


class Seats:
    """The associations allowed at a time; a seat is free again when its holder has ended."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._taken: list[Lives] = []

    def take(self, holder: Lives) -> bool:
        """Give `holder` a seat; return False where all are taken."""
        with self._lock:
            self._taken = [other for other in self._taken if other.is_alive()]
            if len(self._taken) >= self._count:
                return False
            self._taken.append(holder)
            return True
