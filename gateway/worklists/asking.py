"""The hospital's worklist as callers may ask it: searches, and the one order that a photo is taken for."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from dicomweb.matching import fold_name, name_forms, wildcard
from dimse.addresses import RemoteAE
from dimse.asking import Answered, QueryFailed
from dimse.worklist import WorklistKeys, WorklistPeer, ask_worklist
from gateway.access.audit import Action
from gateway.access.caller import Caller, NotPermitted, Permission
from gateway.archive.read_audit import ReadAudit
from gateway.config import WorklistSettings
from gateway.hospitals.identifiers import UnreadableIdentifier, read_identifier
from gateway.hospitals.remotes import dialling
from gateway.worklists.kept_orders import KeptOrders
from gateway.worklists.orders import Item, Order, UnusableOrder, one_order, read_order

logger = logging.getLogger(__name__)

MOST_STEPS = 50
"""Of one order; more are no order that photos are taken for."""

MOST_LOOKED_THROUGH = 2000
"""Items that are fetched to be matched here, where the worklist cannot match a name."""

_NOT_MATCHED_THERE = (range(0xA900, 0xAA00), range(0xC000, 0xD000))
"""How systems answer that cannot read a key's text, whatever its character set."""


class NoWorklist(Exception):
    """There is no worklist for this caller's hospital."""


class WorklistUnavailable(Exception):
    """The worklist did not answer; says why, without identity."""


class UnknownOrder(Exception):
    """The worklist has no such order."""


class AmbiguousOrder(Exception):
    """Several patients or studies have this accession number."""


@dataclass(frozen=True, slots=True)
class WorklistSearch:
    """What a caller looks for; names may hold * and ?. Without dates the days around today, unless a number is given.

    Where `dates` is None, an accession number or a patient's id is looked for at any time.
    """

    patient_id: str = ""
    patient_name: str = ""
    accession_number: str = ""
    dates: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class FoundOrders:
    """The orders of a search, by the time they begin; `more` says that more match."""

    orders: tuple[Order, ...]
    more: bool


class HospitalWorklist:
    """The worklist of the settings. Safe for use by many threads; each search is an association of its own."""

    def __init__(
        self,
        settings: WorklistSettings,
        calling_ae_title: str,
        audit: ReadAudit,
        zone: tzinfo,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._audit = audit
        self._zone = zone
        self._clock = clock
        self._kept = KeptOrders()
        self._peer: WorklistPeer | None = None
        if settings.host is not None and settings.ae_title is not None:
            remote = RemoteAE(settings.host, settings.port, settings.ae_title, dialling(settings))
            self._peer = WorklistPeer(remote, calling_ae_title, settings.seconds, settings.character_set)

    def serves(self, hospital: str) -> bool:
        """Whether this hospital has a worklist here."""
        return self._peer is not None and hospital == self._settings.hospital

    def is_for(self, caller: Caller) -> bool:
        """Whether there is a worklist here that this caller may search."""
        try:
            scope = caller.require_hospital_wide(Permission.READ_WORKITEMS)
        except NotPermitted:
            return False
        return self._peer is not None and scope.sees(self._settings.hospital)

    def search(self, caller: Caller, wanted: WorklistSearch) -> FoundOrders:
        """The orders that match; raises NotPermitted, NoWorklist, WorklistUnavailable."""
        scope = caller.require_hospital_wide(Permission.READ_WORKITEMS)
        if not scope.sees(self._settings.hospital):
            raise NoWorklist("there is no worklist for this hospital")
        keys = WorklistKeys(
            patient_id=wanted.patient_id,
            patient_name=wanted.patient_name,
            accession_number=wanted.accession_number,
            station_ae_title=self._settings.station_ae_title or "",
            dates=self._days(wanted),
        )
        found = self._found(keys, self._settings.modalities, self._settings.limit)
        self._enter(caller, keys, len(found.orders))
        self._kept.keep(found.orders)
        return found

    def order(self, caller: Caller, item: Item, hospital: str | None = None) -> Order:
        """The order that an item names; raises UnknownOrder, AmbiguousOrder, NoWorklist, WorklistUnavailable.

        It is looked for on the caller's behalf, whoever that is: what it says is shown to nobody here. `hospital` is
        whose it has to be, the caller's own where it is left out.
        """
        if not self.serves(hospital or caller.home):
            raise NoWorklist("there is no worklist for this hospital")
        kept = self._kept.find(item)
        if kept is not None:
            return kept
        keys = WorklistKeys(
            accession_number=item.accession_number,
            requested_procedure_id=item.requested_procedure_id,
            scheduled_procedure_step_id=item.scheduled_procedure_step_id,
        )
        found = self._found(keys, (), MOST_STEPS)
        self._enter(caller, keys, len(found.orders))
        order = _the_one(found, item)
        self._kept.keep([order], under=item)
        return order

    def forget(self) -> None:
        """Ask anew for whatever was read a moment ago."""
        self._kept.forget()

    def _days(self, wanted: WorklistSearch) -> tuple[date, date] | None:
        if wanted.dates is not None or wanted.patient_id or wanted.accession_number:
            return wanted.dates
        today = self._clock().astimezone(self._zone).date()
        return today - timedelta(self._settings.days_before), today + timedelta(self._settings.days_after)

    def _found(self, keys: WorklistKeys, modalities: Sequence[str], limit: int) -> FoundOrders:
        answered = self._answered(keys, modalities, limit)
        if answered is not None:
            return FoundOrders(_in_order(_read(answered)), answered.more)
        without_name = self._asked(_without_name(keys), modalities, MOST_LOOKED_THROUGH)
        matching = [order for order in _read(without_name) if _is_named(order, keys.patient_name)]
        return FoundOrders(_in_order(matching)[:limit], without_name.more or len(matching) > limit)

    def _answered(self, keys: WorklistKeys, modalities: Sequence[str], limit: int) -> Answered | None:
        """What the worklist answers; None where it cannot read a name beyond ASCII."""
        try:
            return self._ask(keys, modalities, limit)
        except QueryFailed as failure:
            status = failure.status or 0
            if not keys.patient_name.isascii() and any(status in codes for codes in _NOT_MATCHED_THERE):
                return None
            raise _unavailable(failure) from failure

    def _asked(self, keys: WorklistKeys, modalities: Sequence[str], limit: int) -> Answered:
        try:
            return self._ask(keys, modalities, limit)
        except QueryFailed as failure:
            raise _unavailable(failure) from failure

    def _ask(self, keys: WorklistKeys, modalities: Sequence[str], limit: int) -> Answered:
        if self._peer is None:
            raise NoWorklist("there is no worklist: [worklist] names none")
        return ask_worklist(self._peer, keys, modalities, limit)

    def _enter(self, caller: Caller, keys: WorklistKeys, matches: int) -> None:
        named = [name for name in WorklistKeys.__slots__ if getattr(keys, name)]
        detail = {"keys": named, "matches": matches}
        self._audit.enter(caller, Action.QUERIED, subject="worklist", detail=detail)


def _unavailable(failure: QueryFailed) -> WorklistUnavailable:
    return WorklistUnavailable(f"the worklist cannot be asked: {failure.words}")


def _the_one(found: FoundOrders, item: Item) -> Order:
    orders = _named(found.orders, item)
    if not orders:
        raise UnknownOrder("the worklist has no such order")
    order = None if found.more else one_order(orders)
    if order is None:
        raise AmbiguousOrder("several orders have this accession number: name the worklist item")
    return order


def _named(orders: Sequence[Order], item: Item) -> list[Order]:
    """Those that an item names, whatever else the worklist answers: many match by fewer keys than they are given.

    Numbers that were typed may leave some out, but for the accession number.
    """
    if item.whose:
        return [order for order in orders if order.item == item]
    exact = [order for order in orders if order.item.numbers == item.numbers]
    return exact or [order for order in orders if order.item.accession_number == item.accession_number != ""]


def _read(answered: Answered) -> list[Order]:
    """The answers that can be used; the others are told to the log without what they say."""
    orders = []
    for answer in answered.answers:
        try:
            orders.append(read_order(read_identifier(answer.data, implicit=answer.implicit)))
        except (UnreadableIdentifier, UnusableOrder) as error:
            logger.warning("an item of the worklist is left out: %s", error)
    return orders


def _in_order(orders: Sequence[Order]) -> tuple[Order, ...]:
    return tuple(sorted(dict.fromkeys(orders), key=lambda order: (order.starts_on, order.starts_at, order.item.name)))


def _without_name(keys: WorklistKeys) -> WorklistKeys:
    return WorklistKeys(
        patient_id=keys.patient_id,
        accession_number=keys.accession_number,
        station_ae_title=keys.station_ae_title,
        dates=keys.dates,
    )


def _is_named(order: Order, pattern: str) -> bool:
    expression = wildcard(fold_name(pattern))
    return any(expression.fullmatch(form) for form in name_forms(order.patient_name))
