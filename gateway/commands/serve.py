"""`dermgate serve`: run the gateway until it is told to stop."""

import argparse
import asyncio
import gc
import logging
import socket

import uvicorn
import uvloop

from gateway.app import create_app
from gateway.commands.errors import CommandError
from gateway.commands.options import Commands, settings_of
from gateway.config import ALL_ROLES, ConfigurationError, HttpSettings, Role
from gateway.operations.http_server import HEAD_SECONDS, BoundedProtocol, Server
from gateway.operations.logs import configure_logging
from gateway.runtime import Gateway

logger = logging.getLogger(__name__)

BACKLOG = 256
_GARBAGE_TIMES = 10
MAX_CONNECTIONS = 1000
"""Connections and requests at one time; whoever comes above that is answered 503 at once."""


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("serve", parents=[configured], help="run the gateway")
    parser.add_argument(
        "--role", default="all", metavar="ROLES", help=f"all, or some of {', '.join(sorted(ALL_ROLES))}, by commas"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve; returns when a signal came and everything under way was finished."""
    configure_logging()
    roles = parse_roles(options.role)
    with Gateway(settings_of(options), roles) as gateway:
        if "dimse" in roles:
            logger.info("DIMSE listens", extra={"port": gateway.dimse_port})
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(gateway))
    logger.info("stopped")
    return 0


def parse_roles(text: str) -> frozenset[Role]:
    """The roles named by commas; raises CommandError."""
    if text == "all":
        return ALL_ROLES
    names = [name.strip() for name in text.split(",")]
    roles = frozenset(role for role in ALL_ROLES if role in names)
    if unknown := sorted(set(names) - roles):
        raise CommandError(f"--role: there is no role {', '.join(map(repr, unknown))}")
    return roles


async def _serve(gateway: Gateway) -> None:
    http = gateway.settings.http
    app = create_app(gateway)
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whoever stands in front, the loopback rule looks at the connection itself
        backlog=BACKLOG,
        timeout_keep_alive=int(HEAD_SECONDS),
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=int(http.shutdown_seconds) or 1,
    )
    server = Server(config, app.state.stopping)
    _settle_garbage()
    with _listen(http) as listener:
        logger.info("HTTP listens", extra={"host": http.host, "port": listener.getsockname()[1]})
        await server.serve(sockets=[listener])


def _settle_garbage() -> None:
    """Spare the collector of cycles what stays anyway: to look through it all takes it tens of milliseconds.

    What requests leave behind is nearly all freed without it; so it looks for cycles a tenth as often.
    """
    gc.collect()
    gc.freeze()
    first, *others = gc.get_threshold()
    gc.set_threshold(_GARBAGE_TIMES * first, *others)


def _listen(http: HttpSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((http.host, http.port))
    except OSError as error:
        listener.close()
        raise ConfigurationError([f"http: cannot listen on {http.host}:{http.port}: {error.strerror}"]) from error
    return listener
