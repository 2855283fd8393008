"""`dermgate deliveries`: look at the outbox, send again, cancel."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta

from rich.console import Console
from rich.progress import Progress
from rich.prompt import Confirm
from sqlalchemy.orm import Session

from gateway.access.caller import SYSTEM, Caller
from gateway.commands.databases import opened_database
from gateway.commands.durations import duration
from gateway.commands.errors import CommandError
from gateway.commands.options import Commands, settings_of
from gateway.commands.output import add_json, print_json, print_table
from gateway.config import Settings
from gateway.database import Database, UnitOfWork, now
from gateway.delivery.bulk import Act, Which, change_many, count_deliveries, count_in_hand, states_for
from gateway.delivery.errors import DeliveryError
from gateway.delivery.figures import QueueFigures, queue_figures
from gateway.delivery.service import Delivery, any_for, cancel, list_deliveries, retry
from gateway.delivery.states import DeliveryState

_ONE: dict[Act, Callable[[UnitOfWork, Caller, int], Delivery]] = {Act.RETRY: retry, Act.CANCEL: cancel}
_WORDS = {Act.RETRY: "send again", Act.CANCEL: "do not send"}


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the commands."""
    parser = commands.add_parser("deliveries", help="status of each queue; list, retry and cancel deliveries")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    _register_list(acts, configured)
    for act, words in _WORDS.items():
        _register_act(acts, configured, act, words)
    status = acts.add_parser("status", parents=[configured], help="show each destination's queue")
    add_json(status)
    status.set_defaults(run=_status)


def _register_list(acts: Commands, configured: argparse.ArgumentParser) -> None:
    listing = acts.add_parser("list", parents=[configured], help="show deliveries, the newest first")
    _add_filters(listing, tuple(DeliveryState))
    listing.add_argument("--limit", type=int, default=50)
    add_json(listing)
    listing.set_defaults(run=_list)


def _register_act(acts: Commands, configured: argparse.ArgumentParser, act: Act, words: str) -> None:
    parser = acts.add_parser(
        act.value,
        parents=[configured],
        help=words,
        epilog="Give ids, or --state for all deliveries in it, which --destination and --older-than narrow down.",
    )
    parser.add_argument("id", type=int, nargs="*")
    _add_filters(parser, states_for(act))
    parser.add_argument("--yes", action="store_true", help="do not ask before many are changed")
    add_json(parser)
    parser.set_defaults(run=_change, act=act)


def _add_filters(parser: argparse.ArgumentParser, states: tuple[DeliveryState, ...]) -> None:
    parser.add_argument("--state", choices=[state.value for state in states])
    parser.add_argument("--destination", metavar="NAME")
    parser.add_argument("--older-than", type=duration, metavar="AGE", help="queued longer ago: 90s, 30m, 2h, 7d")


def _list(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    with opened_database(settings) as database, database.read() as session:
        _require_known(session, settings, options.destination)
        page = list_deliveries(
            session,
            SYSTEM,
            state=DeliveryState(options.state) if options.state else None,
            destination=options.destination,
            queued_before=_moment(options.older_than),
            limit=options.limit,
        )
    if options.json:
        print_json(asdict(delivery) for delivery in page.deliveries)
    else:
        headers = ("id", "destination", "state", "attempts", "queued", "SOP Instance UID", "last word")
        print_table(headers, map(_row, page.deliveries))
    return 0


def _require_known(session: Session, settings: Settings, destination: str | None) -> None:
    """Raise CommandError for a destination that neither the settings nor any delivery names."""
    if destination is None or destination in {each.name for each in settings.destinations}:
        return
    if not any_for(session, destination):
        raise CommandError(f"destination {destination}: there is none of this name, and no delivery to one")


def _moment(age: timedelta | None) -> datetime | None:
    return None if age is None else now() - age


def _row(delivery: Delivery) -> tuple[str, ...]:
    return (
        str(delivery.id),
        delivery.destination,
        delivery.state.value,
        str(delivery.attempts),
        f"{delivery.created_at:%Y-%m-%d %H:%M:%S}",
        delivery.sent_sop_instance_uid or delivery.sop_instance_uid,
        _last_word(delivery),
    )


def _last_word(delivery: Delivery) -> str:
    """The words, which name the status of the last answer themselves; the bare status where there are none."""
    return delivery.last_message or (f"0x{delivery.last_status}" if delivery.last_status else "")


def _change(options: argparse.Namespace) -> int:
    narrowed = options.state or options.destination or options.older_than
    if options.id and narrowed:
        raise CommandError("give ids, or --state with --destination and --older-than, not both")
    if not options.id and not options.state:
        raise CommandError("give the ids of deliveries, or --state to mean all that are in it")
    settings = settings_of(options)
    with opened_database(settings) as database:
        if options.id:
            return _change_named(database, options)
        with database.read() as session:
            _require_known(session, settings, options.destination)
        return _change_many(database, options)


def _change_named(database: Database, options: argparse.Namespace) -> int:
    for delivery_id in options.id:
        try:
            with database.write() as unit_of_work:
                delivery = _ONE[options.act](unit_of_work, SYSTEM, delivery_id)
        except DeliveryError as error:
            raise CommandError(f"delivery {delivery_id}: {error}") from error
        if options.json:
            print_json([{"id": delivery.id, "state": delivery.state.value}])
        else:
            print(f"{delivery.id} {delivery.state.value}")
    return 0


def _change_many(database: Database, options: argparse.Namespace) -> int:
    which = Which(DeliveryState(options.state), options.destination, _moment(options.older_than))
    with database.read() as session:
        count = count_deliveries(session, SYSTEM, which)
    if count and not options.yes:
        _confirm(options.act, which, count)
    changed = _with_progress(database, which, options.act, count)
    with database.read() as session:
        in_hand = count_in_hand(session, SYSTEM, which) if options.act is Act.CANCEL else 0
    _tell_changed(options, changed, in_hand)
    return 0


def _tell_changed(options: argparse.Namespace, changed: int, in_hand: int) -> None:
    if options.json:
        print_json([{"act": options.act.value, "deliveries": changed, "in_hand": in_hand}])
        return
    print(f"{_counted(changed)} {'queued again' if options.act is Act.RETRY else 'cancelled'}")
    if in_hand:
        print(f"{_counted(in_hand)} being sent or tried at this moment, and left: cancel again for what comes back")


def _confirm(act: Act, which: Which, count: int) -> None:
    """Ask at the terminal; raise CommandError where nobody agrees, or nobody is there."""
    where = f" to {which.destination}" if which.destination else ""
    question = f"{act.value} {count} {which.state.value} {'delivery' if count == 1 else 'deliveries'}{where}?"
    if not sys.stdin.isatty():
        raise CommandError(f"{question} Nobody is there to ask: say --yes")
    if not Confirm.ask(question, console=Console(stderr=True), default=False):
        raise CommandError("nothing was changed")


def _with_progress(database: Database, which: Which, act: Act, count: int) -> int:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"{act.value}", total=count)
        changed = 0
        for batch in change_many(database, SYSTEM, which, act):
            changed += batch
            progress.advance(task, batch)
    return changed


def _counted(count: int) -> str:
    return f"{count} {'delivery' if count == 1 else 'deliveries'}"


def _status(options: argparse.Namespace) -> int:
    with opened_database(settings_of(options)) as database, database.read() as session:
        queues = queue_figures(session, now())
    if options.json:
        print_json(asdict(queue) for queue in queues)
    else:
        headers = (
            "destination", "waiting", "oldest waits", "sent", "not proven", "since", "given up", "not accepted", "why"
        )  # fmt: skip
        print_table(headers, map(_queue_row, queues))
    return 0


def _queue_row(queue: QueueFigures) -> tuple[str, ...]:
    unproven = queue.unproven
    return (
        queue.destination,
        str(queue.waiting),
        _age(queue.oldest_waiting_seconds) if queue.waiting else "",
        str(queue.sent),
        str(unproven.count + unproven.left),
        _age(unproven.oldest_seconds) if unproven.count else "",
        str(queue.dead),
        str(queue.not_accepted),
        unproven.because or "",
    )


def _age(seconds: float) -> str:
    return str(timedelta(seconds=int(seconds)))
