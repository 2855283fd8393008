"""What `dermgate check` finds of the certificates and keys that `serve` needs: for its listener, and to call peers."""

from collections.abc import Iterator

from dimse.errors import InvalidAddress
from dimse.tls import client_context, server_context
from gateway.config import Settings
from gateway.hospitals.remotes import dialling, listening
from gateway.operations.health import Finding


def look_at_own_tls(settings: Settings) -> Iterator[Finding]:
    """A finding for whatever of [dimse] and [[peers]] is set to speak TLS; the files are read, nobody is called."""
    if (ours := listening(settings.dimse)) is not None:
        try:
            server_context(ours)
        except InvalidAddress as error:
            yield Finding("dimse", f"{error}: correct tls_certificate, tls_key or tls_ca")
        else:
            yield Finding("dimse")
    for peer in settings.peers:
        if (tls := dialling(peer)) is None:
            continue
        try:
            client_context(tls)
        except InvalidAddress as error:
            yield Finding(f"peer {peer.ae_title}", f"{error}: correct tls_certificate, tls_key or tls_ca")
