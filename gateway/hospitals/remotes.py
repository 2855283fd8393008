"""Application entities of the settings as `dimse` takes them, with their TLS."""

from dimse.addresses import RemoteAE, Timeouts
from dimse.tls import Identity, TlsClient, TlsProfile, TlsServer
from gateway.config import DialledEntry, DimseDestination, DimseSettings, Peer


def remote_of(entry: DimseDestination | Peer, port: int) -> RemoteAE:
    """The application entity of an entry, which listens at `port`."""
    return RemoteAE(entry.host, port, entry.ae_title, dialling(entry))


def timeouts_of(destination: DimseDestination) -> Timeouts:
    """How long it is waited for at each step."""
    return Timeouts(
        connect_seconds=destination.connect_seconds,
        acse_seconds=destination.acse_seconds,
        dimse_seconds=destination.dimse_seconds,
    )


def dialling(entry: DialledEntry) -> TlsClient | None:
    """How an entry is dialled; None without TLS."""
    if not entry.tls:
        return None
    identity = None
    if entry.tls_certificate is not None and entry.tls_key is not None:
        identity = Identity(entry.tls_certificate, entry.tls_key)
    return TlsClient(entry.tls_ca, identity, entry.tls_name, TlsProfile(entry.tls_profile))


def listening(dimse: DimseSettings) -> TlsServer | None:
    """How our own listener is dialled; None without TLS."""
    if not dimse.tls or dimse.tls_certificate is None or dimse.tls_key is None:
        return None
    identity = Identity(dimse.tls_certificate, dimse.tls_key)
    authority = None if dimse.tls_callers == "any" else dimse.tls_ca
    return TlsServer(identity, authority, dimse.tls_callers == "required", TlsProfile(dimse.tls_profile))
