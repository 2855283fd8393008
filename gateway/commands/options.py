"""What every command gets from the parser."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gateway.config import Settings
from gateway.database import Database
from gateway.migrations.upgrade import prepare

Commands = Any
"""What argparse's `add_subparsers` returns; its class is private."""


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings the options name; raises ConfigurationError."""
    settings: Settings = options.settings(options)
    return settings


@contextmanager
def opened_database(settings: Settings) -> Iterator[Database]:
    """The database of these settings, fit for use, and closed in the end; raises DatabaseError."""
    database = Database(settings.archive.database)
    try:
        prepare(database)
        yield database
    finally:
        database.close()
