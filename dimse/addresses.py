"""Who is talked to, and how long is waited: small values, checked once on the way in."""

import math
from dataclasses import dataclass

from dimse.errors import InvalidAddress
from dimse.tls import TlsClient

MAX_AE_TITLE_LENGTH = 16
MAX_HOST_LENGTH = 253
"""The longest name DNS allows (RFC 1035 2.3.4), in characters."""

SLOWEST_TRANSFER_BYTES_PER_SECOND = 128 * 1024
"""A link of about one megabit a second: slower ones are taken for dead."""


def checked_ae_title(ae_title: str) -> str:
    """Return `ae_title` without its insignificant padding.

    PS3.5 6.2 (VR AE): 1-16 characters of the default repertoire, no backslash, no control characters, leading
    and trailing spaces not significant. Raises InvalidAddress.
    """
    stripped = ae_title.strip(" ")
    if not 1 <= len(stripped) <= MAX_AE_TITLE_LENGTH:
        raise InvalidAddress(f"an AE title has 1 to {MAX_AE_TITLE_LENGTH} characters, not {len(stripped)}")
    if any(not " " <= character <= "~" or character == "\\" for character in stripped):
        raise InvalidAddress("an AE title consists of printable ASCII characters without backslash")
    return stripped


def checked_host(host: str) -> str:
    """Return `host` if it can be a host name or an IP address; raises InvalidAddress."""
    if not host or len(host) > MAX_HOST_LENGTH or any(not "!" <= character <= "~" for character in host):
        raise InvalidAddress("a host is a name or an IP address, without spaces")
    return host


@dataclass(frozen=True, slots=True)
class RemoteAE:
    """An application entity elsewhere: where it listens (`port` 1-65535), its AE title (padding stripped), its TLS."""

    host: str
    port: int
    ae_title: str
    tls: TlsClient | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "ae_title", checked_ae_title(self.ae_title))
        checked_host(self.host)
        if not 1 <= self.port <= 65535:
            raise InvalidAddress(f"a port is a number from 1 to 65535, not {self.port}")

    def __str__(self) -> str:
        return f"{self.ae_title} at {self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long is waited for what; each more than zero.

    `connect_seconds` for the TCP connection, `acse_seconds` for the answer to an association or release request,
    `dimse_seconds` for the answer to a message once it is with the peer, `network_seconds` for the network to
    take or give the next bytes.
    """

    connect_seconds: float = 10.0
    acse_seconds: float = 30.0
    dimse_seconds: float = 60.0
    network_seconds: float = 60.0

    def __post_init__(self) -> None:
        for seconds in (self.connect_seconds, self.acse_seconds, self.dimse_seconds, self.network_seconds):
            if not (seconds > 0 and math.isfinite(seconds)):
                raise InvalidAddress(f"a timeout is a number of seconds above zero, not {seconds}")

    def response_seconds(self, size_bytes: int) -> float:
        """How long to wait for the answer to a message of `size_bytes`, its way over a slow link included."""
        return self.dimse_seconds + size_bytes / SLOWEST_TRANSFER_BYTES_PER_SECOND
