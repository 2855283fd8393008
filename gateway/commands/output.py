"""What commands print: tables for people, one JSON object a line for programs."""

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

GOOD, BAD = "green", "red"
_WIDEST = 10_000


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option of every command that lists something."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")


def print_json(records: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object a line; moments as RFC 3339, identifiers and text as they are."""
    for record in records:
        print(orjson.dumps(record).decode())


def print_table(
    headers: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    *,
    title: str | None = None,
    caption: str | None = None,
) -> None:
    """A table in which nothing is cut: what is too wide for a terminal goes on in the next line. No cell is markup."""
    table = Table(title=title, caption=caption)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    _console().print(table)


def _console() -> Console:
    """The terminal as wide as it is; a file or a pipe as wide as the table needs, so that no name is broken."""
    console = Console(highlight=False)
    return console if console.is_terminal or "COLUMNS" in os.environ else Console(highlight=False, width=_WIDEST)
