"""The command `dermgate`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.archive.errors import ArchiveError
from gateway.commands import check, deliveries, keys, maintenance, models, serve, submit
from gateway.config import ConfigurationError, load_settings
from gateway.database import DatabaseError
from gateway.runtime import SOFTWARE_VERSION, AlreadyRunning
from inference.errors import InferenceError

DEFAULT_FILE = Path("dermgate.toml")

_EXPECTED = (ConfigurationError, DatabaseError, AlreadyRunning, ArchiveError, InferenceError, OSError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did what was asked."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return 130
    except _EXPECTED as error:
        print(f"dermgate: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dermgate", description="A gateway between skin photos and hospital archives."
    )
    parser.add_argument("--version", action="version", version=f"dermgate {SOFTWARE_VERSION}")
    configured = argparse.ArgumentParser(add_help=False)
    configured.add_argument(
        "--config", type=Path, metavar="FILE", help=f"the settings (default: {DEFAULT_FILE} where there is one)"
    )
    configured.set_defaults(settings=_settings)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (serve, submit, check, models, deliveries, keys, maintenance):
        command.register(commands, configured)
    return parser


def _settings(options: argparse.Namespace) -> object:
    path = options.config
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    return load_settings(path)


if __name__ == "__main__":
    sys.exit(main())
