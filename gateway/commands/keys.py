"""`dermgate keys`: create, list and revoke credentials."""

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table

from gateway.access.audit import Action, audit
from gateway.access.caller import SYSTEM, Role
from gateway.access.keys import UnknownKey, create_key, list_keys, revoke_key
from gateway.commands.options import Commands, opened_database, settings_of
from gateway.config import ConfigurationError, Settings
from gateway.database import now


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the commands."""
    parser = commands.add_parser("keys", help="create, list and revoke keys")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    create = acts.add_parser("create", parents=[configured], help="make a key and print it, this once")
    create.add_argument("name", help="whose it is or what for")
    create.add_argument("--role", action="append", required=True, choices=[role.value for role in Role], dest="roles")
    create.add_argument("--hospital", action="append", dest="hospitals", help="may be repeated; left out: every one")
    create.add_argument("--days", type=int, help="how long it is valid (default: until revoked)")
    create.set_defaults(run=_create)
    acts.add_parser("list", parents=[configured], help="show every key but its secret").set_defaults(run=_list)
    revoke = acts.add_parser("revoke", parents=[configured], help="end a key")
    revoke.add_argument("id")
    revoke.set_defaults(run=_revoke)


def _create(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    _check_hospitals(settings, options.hospitals or ())
    with opened_database(settings) as database, database.write() as unit_of_work:
        secret = create_key(
            unit_of_work,
            name=options.name,
            roles=[Role(role) for role in options.roles],
            hospitals=options.hospitals,
            expires_at=None if options.days is None else now() + timedelta(days=options.days),
        )
        detail = {"roles": options.roles}
        audit(unit_of_work.session, SYSTEM, Action.AUTHENTICATED, subject="key created", detail=detail)
    print(secret)
    return 0


def _list(options: argparse.Namespace) -> int:
    with opened_database(settings_of(options)) as database, database.read() as session:
        records = list_keys(session)
    table = Table("id", "name", "roles", "hospitals", "created", "state")
    for record in records:
        state = "revoked" if record.revoked_at else _expiry(record.expires_at)
        hospitals = "all" if record.hospitals is None else ", ".join(record.hospitals)
        roles = ", ".join(role.value for role in record.roles)
        table.add_row(record.id, record.name, roles, hospitals, f"{record.created_at:%Y-%m-%d}", state)
    Console().print(table)
    return 0


def _revoke(options: argparse.Namespace) -> int:
    with opened_database(settings_of(options)) as database, database.write() as unit_of_work:
        try:
            revoke_key(unit_of_work, options.id)
        except UnknownKey as error:
            raise ConfigurationError([f"there is no key {options.id!r}; `dermgate keys list` shows them"]) from error
        audit(unit_of_work.session, SYSTEM, Action.AUTHENTICATED, subject=f"key {options.id} revoked")
    print(f"revoked {options.id}")
    return 0


def _expiry(expires_at: datetime | None) -> str:
    return "valid" if expires_at is None else f"valid until {expires_at:%Y-%m-%d %H:%M}"


def _check_hospitals(settings: Settings, names: Sequence[str]) -> None:
    known = settings.hospital_names()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigurationError([f"--hospital: no [[hospitals]] entry is named {name!r}" for name in unknown])
