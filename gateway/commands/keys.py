"""`dermgate keys`: create, list and revoke credentials."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from gateway.access.audit import Action, audit
from gateway.access.caller import SYSTEM, Role
from gateway.access.keys import KeyRecord, UnknownKey, any_key_exists, create_key, list_keys, revoke_key
from gateway.commands.databases import opened_database, say_database
from gateway.commands.errors import CommandError
from gateway.commands.options import Commands, settings_of
from gateway.commands.output import add_json, print_json, print_table
from gateway.config import Settings
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
    listing = acts.add_parser("list", parents=[configured], help="show every key but its secret")
    add_json(listing)
    listing.set_defaults(run=_list)
    revoke = acts.add_parser("revoke", parents=[configured], help="end a key")
    revoke.add_argument("id")
    revoke.set_defaults(run=_revoke)


def _create(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    _check_hospitals(settings, options.hospitals or ())
    with opened_database(settings, make=True) as database, database.write() as unit_of_work:
        first = not any_key_exists(unit_of_work.reader)
        secret = create_key(
            unit_of_work,
            name=options.name,
            roles=[Role(role) for role in options.roles],
            hospitals=options.hospitals,
            expires_at=None if options.days is None else now() + timedelta(days=options.days),
        )
        detail = {"roles": options.roles}
        audit(unit_of_work.session, SYSTEM, Action.AUTHENTICATED, subject="key created", detail=detail)
    say_database(settings)
    if first:
        print("From now on every caller needs a key, those on this machine too.", file=sys.stderr)
    print(secret)
    return 0


def _list(options: argparse.Namespace) -> int:
    with opened_database(settings_of(options)) as database, database.read() as session:
        records = list_keys(session)
    if options.json:
        print_json(asdict(record) for record in records)
    else:
        print_table(("id", "name", "roles", "hospitals", "created", "state"), map(_row, records))
    return 0


def _row(record: KeyRecord) -> tuple[str, ...]:
    state = "revoked" if record.revoked_at else _expiry(record.expires_at)
    hospitals = "all" if record.hospitals is None else ", ".join(record.hospitals)
    roles = ", ".join(role.value for role in record.roles)
    return record.id, record.name, roles, hospitals, f"{record.created_at:%Y-%m-%d}", state


def _revoke(options: argparse.Namespace) -> int:
    with opened_database(settings_of(options)) as database, database.write() as unit_of_work:
        try:
            revoke_key(unit_of_work, options.id)
        except UnknownKey as error:
            raise CommandError(f"there is no key {options.id!r}; `dermgate keys list` shows them") from error
        audit(unit_of_work.session, SYSTEM, Action.AUTHENTICATED, subject=f"key {options.id} revoked")
    print(f"revoked {options.id}")
    return 0


def _expiry(expires_at: datetime | None) -> str:
    return "valid" if expires_at is None else f"valid until {expires_at:%Y-%m-%d %H:%M}"


def _check_hospitals(settings: Settings, names: Sequence[str]) -> None:
    known = settings.hospital_names()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise CommandError(f"--hospital: no [[hospitals]] entry is named {', '.join(map(repr, unknown))}")
