"""TLS for associations, both ways: the secure connection profiles of PS3.15 B.12 and B.13 as contexts of OpenSSL.

A context is made anew for each association we ask for, and for a provider as it starts, so that certificates that were
renewed are taken without a restart of what dials.
"""

import ssl
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dimse.errors import InvalidAddress


class TlsProfile(StrEnum):
    """Which connections are made; TLS 1.3 where both have it, and never less than 1.2."""

    BCP195 = "bcp195"
    """PS3.15 B.12, BCP 195 (RFC 8996, 9325): what is recommended, and authenticated encryption with forward secrecy."""
    MODIFIED = "modified"
    """PS3.15 B.13: the named cipher suites alone; keys of DHE from 2048 bits on, of ECDHE from 256 on."""


_CIPHERS = {
    TlsProfile.BCP195: "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL:!PSK:!SRP:@SECLEVEL=2",
    TlsProfile.MODIFIED: (
        "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-GCM-SHA384:"
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=2"
    ),
}
"""Of TLS 1.2; those of 1.3 are all of this kind. Security level 2 refuses keys below 2048 bits (of curves, 224)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are: a certificate with what leads to its authority, and its private key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class TlsClient:
    """How we dial: whom we believe (`authority`, the system's list without), who we are where the peer asks.

    `name` is the name that the peer's certificate has to bear, where that is not the host that is dialled.
    """

    authority: Path | None = None
    identity: Identity | None = None
    name: str | None = None
    profile: TlsProfile = TlsProfile.BCP195


@dataclass(frozen=True, slots=True)
class TlsServer:
    """How we are dialled: who we are, and whose certificates callers show.

    `authority` None asks for none. `caller_required`: who shows none is turned away.
    """

    identity: Identity
    authority: Path | None = None
    caller_required: bool = True
    profile: TlsProfile = TlsProfile.BCP195

    def __post_init__(self) -> None:
        if self.caller_required and self.authority is None:
            raise InvalidAddress("callers' certificates are required, and no authority says which are good")


def client_context(tls: TlsClient) -> ssl.SSLContext:
    """The context for dialling. Raises InvalidAddress where a file cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _harden(context, tls.profile)
    if tls.authority is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        _load_authority(context, tls.authority)
    if tls.identity is not None:
        _load_identity(context, tls.identity)
    return context


def server_context(tls: TlsServer) -> ssl.SSLContext:
    """The context for being dialled. Raises InvalidAddress where a file cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context, tls.profile)
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    _load_identity(context, tls.identity)
    if tls.authority is not None:
        _load_authority(context, tls.authority)
        context.verify_mode = ssl.CERT_REQUIRED if tls.caller_required else ssl.CERT_OPTIONAL
    return context


def _harden(context: ssl.SSLContext, profile: TlsProfile) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_ciphers(_CIPHERS[profile])


def _load_identity(context: ssl.SSLContext, identity: Identity) -> None:
    try:
        # Without a password OpenSSL would ask for one at the terminal.
        context.load_cert_chain(identity.certificate, identity.key, password=lambda: "")
    except (OSError, ValueError) as error:
        why = _reason(error)
        raise InvalidAddress(f"{identity.certificate} and {identity.key} are no certificate and key: {why}") from error


def _load_authority(context: ssl.SSLContext, authority: Path) -> None:
    try:
        context.load_verify_locations(authority)
    except (OSError, ValueError) as error:
        raise InvalidAddress(f"{authority} holds no certificates: {_reason(error)}") from error


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "not PEM").replace("_", " ").lower()
    return getattr(error, "strerror", None) or type(error).__name__
