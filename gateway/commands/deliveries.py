"""`dermgate deliveries`: look at the outbox, send again, cancel."""

import argparse
from collections.abc import Callable
from dataclasses import asdict

from gateway.access.caller import SYSTEM, Caller
from gateway.commands.databases import opened_database
from gateway.commands.errors import CommandError
from gateway.commands.options import Commands, settings_of
from gateway.commands.output import add_json, print_json, print_table
from gateway.database import UnitOfWork
from gateway.delivery.errors import DeliveryError
from gateway.delivery.service import Delivery, cancel, list_deliveries, retry
from gateway.delivery.states import DeliveryState


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the commands."""
    parser = commands.add_parser("deliveries", help="list, retry and cancel deliveries")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    listing = acts.add_parser("list", parents=[configured], help="show deliveries, the newest first")
    listing.add_argument("--state", choices=[state.value for state in DeliveryState])
    listing.add_argument("--destination")
    listing.add_argument("--limit", type=int, default=50)
    add_json(listing)
    listing.set_defaults(run=_list)
    for name, words, act in (("retry", "send again", retry), ("cancel", "do not send", cancel)):
        one = acts.add_parser(name, parents=[configured], help=words)
        one.add_argument("id", type=int, nargs="+")
        one.set_defaults(run=_change, act=act)


def _list(options: argparse.Namespace) -> int:
    with opened_database(settings_of(options)) as database, database.read() as session:
        page = list_deliveries(
            session,
            SYSTEM,
            state=DeliveryState(options.state) if options.state else None,
            destination=options.destination,
            limit=options.limit,
        )
    if options.json:
        print_json(asdict(delivery) for delivery in page.deliveries)
    else:
        headers = ("id", "destination", "state", "attempts", "queued", "SOP Instance UID", "last word")
        print_table(headers, map(_row, page.deliveries))
    return 0


def _row(delivery: Delivery) -> tuple[str, ...]:
    return (
        str(delivery.id),
        delivery.destination,
        delivery.state.value,
        str(delivery.attempts),
        f"{delivery.created_at:%Y-%m-%d %H:%M:%S}",
        delivery.sop_instance_uid,
        _last_word(delivery),
    )


def _last_word(delivery: Delivery) -> str:
    """The words, which name the status of the last answer themselves; the bare status where there are none."""
    return delivery.last_message or (f"0x{delivery.last_status}" if delivery.last_status else "")


def _change(options: argparse.Namespace) -> int:
    act: Callable[[UnitOfWork, Caller, int], Delivery] = options.act
    with opened_database(settings_of(options)) as database:
        for delivery_id in options.id:
            try:
                with database.write() as unit_of_work:
                    delivery = act(unit_of_work, SYSTEM, delivery_id)
            except DeliveryError as error:
                raise CommandError(f"delivery {delivery_id}: {error}") from error
            print(f"{delivery.id} {delivery.state.value}")
    return 0
