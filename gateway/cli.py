"""The command `dermgate`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from dimse.errors import DimseError
from gateway.archive.errors import ArchiveError
from gateway.commands.errors import CommandError
from gateway.config import ConfigurationError, load_settings
from gateway.conversion.codes.errors import CodesError
from gateway.database import DatabaseError, fault_words
from inference.errors import InferenceError

DEFAULT_FILE = Path("dermgate.toml")

_MODULES = {
    "serve": "serve",
    "submit": "submit",
    "convert": "convert",
    "check": "check",
    "models": "models",
    "deliveries": "deliveries",
    "keys": "keys",
    "verify": "maintenance",
    "db": "maintenance",
}
"""The module of `gateway.commands` that each command is in."""

_EXPECTED = (
    CommandError,
    ConfigurationError,
    CodesError,
    DatabaseError,
    SQLAlchemyError,
    ArchiveError,
    DimseError,
    InferenceError,
    OSError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did what was asked."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given).parse_args(given)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return 130
    except _EXPECTED as error:
        print(f"dermgate: {_words(error)}", file=sys.stderr)
        return 2


def _words(error: Exception) -> str:
    """What went wrong; a database's own words about statements are left out, since they hold values."""
    return fault_words(error) if isinstance(error, (DatabaseError, SQLAlchemyError)) else str(error)


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of the command that is asked for, whose modules alone are loaded; of all where that is unclear."""
    parser = argparse.ArgumentParser(
        prog="dermgate", description="A gateway between skin photos and hospital archives."
    )
    parser.add_argument("--version", action="version", version=f"dermgate {version('dermgate')}")
    configured = argparse.ArgumentParser(add_help=False)
    configured.add_argument(
        "--config", type=Path, metavar="FILE", help=f"the settings (default: {DEFAULT_FILE}, if it is here)"
    )
    configured.set_defaults(settings=_settings)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    named = _MODULES.get(given[0]) if given else None
    for module in [named] if named else dict.fromkeys(_MODULES.values()):
        import_module(f"gateway.commands.{module}").register(commands, configured)
    return parser


def _settings(options: argparse.Namespace) -> object:
    path = options.config
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    return load_settings(path)


if __name__ == "__main__":
    sys.exit(main())
