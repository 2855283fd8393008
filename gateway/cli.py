"""The command `dermgate`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from gateway.config import load_settings

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did what was asked."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given).parse_args(given)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        # Loaded only now: a command that touches no database should not wait for its library.
        words = import_module("gateway.commands.faults").words_of(error)
        if words is None:
            raise
        print(f"dermgate: {words}", file=sys.stderr)
        return 2


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
