"""A STOW destination's settings, made into what talks to it."""

from gateway.config import StowDestination
from gateway.delivery.stow.channel import Channel
from gateway.delivery.stow.credentials import TlsFiles, TokenSource, token_source
from gateway.delivery.stow.endpoint import Endpoint
from gateway.delivery.stow.finding import QidoProver
from gateway.delivery.stow.sender import StowSender


def channel_to(destination: StowDestination) -> Channel:
    """A channel of its own to the destination; nothing is opened yet."""
    return Channel(
        Endpoint.of(destination.url),
        TlsFiles(destination.tls_ca, destination.tls_certificate, destination.tls_key),
        connect_seconds=destination.connect_seconds,
        response_seconds=destination.response_seconds,
    )


def token_of(destination: StowDestination) -> TokenSource:
    """Where the destination's token comes from."""
    return token_source(destination.token_file, destination.token_variable)


def stow_sender(destination: StowDestination) -> StowSender:
    """A sender to the destination."""
    return StowSender(channel_to(destination), token_of(destination))


def qido_prover(destination: StowDestination) -> QidoProver:
    """A prover of what the destination holds."""
    return QidoProver(channel_to(destination), token_of(destination))
