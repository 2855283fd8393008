"""Accidents of associations: each one that is made has one in store, chosen by a seed, at some PDU of its life."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.integration.delivery.sabotage import (
    ABORT,
    ASSOCIATE_AC,
    ASSOCIATE_RQ,
    P_DATA,
    RELEASE_RQ,
    Harm,
    Wire,
    cut,
    rejection,
    swallowed,
    told,
)

_LATEST_PDU = 24
"""P-DATA PDUs, of either side, that may pass before the accident."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An accident that befalls a PDU of this kind."""

    name: str
    kind: int
    harm: Harm
    by_pacs: bool = False
    weight: int = 3


def torn(wire: Wire, pdu: bytes) -> None:
    """Half of the PDU gets to the PACS, then the connection ends."""
    wire.pacs.sendall(pdu[: len(pdu) // 2])
    wire.cut()


MOMENTS = (
    Moment("rejected: congested", ASSOCIATE_RQ, told(rejection(2, 3, 1))),
    Moment("rejected: at its limit", ASSOCIATE_RQ, told(rejection(2, 3, 2))),
    Moment("rejected: no reason", ASSOCIATE_RQ, told(rejection(1, 1, 1))),
    Moment("aborted instead of accepted", ASSOCIATE_RQ, told(ABORT)),
    Moment("request not answered", ASSOCIATE_RQ, swallowed, weight=1),
    Moment("acceptance lost", ASSOCIATE_AC, cut, by_pacs=True),
    Moment("aborted while it receives", P_DATA, told(ABORT), weight=8),
    Moment("connection lost while it receives", P_DATA, torn, weight=8),
    Moment("stalls while it receives", P_DATA, swallowed, weight=2),
    Moment("aborted instead of an answer", P_DATA, told(ABORT), by_pacs=True, weight=8),
    Moment("connection lost instead of an answer", P_DATA, cut, by_pacs=True, weight=8),
    Moment("answer never comes", P_DATA, swallowed, by_pacs=True, weight=2),
    Moment("aborted at its release", RELEASE_RQ, told(ABORT), weight=8),
    Moment("connection lost at its release", RELEASE_RQ, cut, weight=8),
)


@dataclass(slots=True)
class Accident:
    """One association's: it happens at the PDU when `left` others have passed; nothing passes afterwards."""

    moment: Moment
    left: int
    happened: bool = False


@dataclass
class Accidents:
    """As a `Scheme` of the saboteur; `tell` is called with the name of each accident that happens."""

    chance: random.Random
    tell: Callable[[str], None]
    _in_store: dict[Wire, Accident] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def harm_for(self, wire: Wire, kind: int, *, spoken_by_pacs: bool) -> Harm | None:
        """As `Scheme` has it."""
        with self._lock:
            accident = self._in_store.get(wire) or self._in_store.setdefault(wire, self._drawn())
        if accident.happened:
            return swallowed
        moment = accident.moment
        if (moment.kind, moment.by_pacs) != (kind, spoken_by_pacs):
            return None
        if accident.left:
            accident.left -= 1
            return None
        accident.happened = True
        self.tell(moment.name)
        return moment.harm

    def _drawn(self) -> Accident:
        [moment] = self.chance.choices(MOMENTS, [moment.weight for moment in MOMENTS])
        return Accident(moment, self.chance.randrange(_LATEST_PDU) if moment.kind == P_DATA else 0)
