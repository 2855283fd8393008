"""The command `dermgate`."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from gateway.commands.interrupts import INTERRUPTED, leave_from_now_on, raising
from gateway.commands.loading import quick_loading

DEFAULT_FILE = Path("dermgate.toml")

_MODULES = {
    "serve": "serve",
    "submit": "submit",
    "convert": "convert",
    "check": "check",
    "models": "models",
    "deliveries": "deliveries",
    "keys": "keys",
    "reconcile": "reconcile",
    "verify": "maintenance",
    "db": "maintenance",
}
"""The module of `gateway.commands` that each command is in.

Nothing of ours is loaded before `main` has seen to Ctrl-C.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did what was asked.

    Without `arguments` those of this process are meant, and Ctrl-C is its business from the first to the last moment.
    """
    if arguments is not None:
        return _run(arguments)
    leave_from_now_on()
    code = _run(sys.argv[1:])
    with suppress(OSError, ValueError):  # nobody reads it any more
        sys.stdout.flush()
    return code


def _run(given: Sequence[str]) -> int:
    options = _parser(given).parse_args(given)
    try:
        with raising():
            return int(options.run(options))
    except KeyboardInterrupt:
        return INTERRUPTED
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
    parser.add_argument("--version", action="version", version=f"dermgate {_version()}")
    configured = argparse.ArgumentParser(add_help=False)
    configured.add_argument(
        "--config", type=Path, metavar="FILE", help=f"the settings (default: {DEFAULT_FILE}, if it is here)"
    )
    configured.set_defaults(settings=_settings)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    named = _MODULES.get(given[0]) if given else None
    with quick_loading():
        modules = [
            import_module(f"gateway.commands.{module}")
            for module in ([named] if named else dict.fromkeys(_MODULES.values()))
        ]
    for module in modules:
        module.register(commands, configured)
    return parser


def _version() -> str:
    found: str = import_module("importlib.metadata").version("dermgate")
    return found


def _settings(options: argparse.Namespace) -> object:
    path = options.config
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    settings: object = import_module("gateway.config").load_settings(path)
    return settings


if __name__ == "__main__":
    sys.exit(main())
