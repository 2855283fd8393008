"""When a model in the shadow may serve. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

MOST_FAILED = 0.01
"""Share of the photos that a model may have given no answer to, in the shadow."""


@dataclass(frozen=True, slots=True)
class ShadowCount:
    """What the gateways counted of a model in the shadow: photos judged, agreed on, and left without an answer."""

    judged: int = 0
    agreed: int = 0
    failed: int = 0


class Verdict(Enum):
    """Whether it goes on judging unseen, comes to serve, or must not."""

    GOES_ON = "goes on"
    SERVES = "serves"
    WITHHELD = "withheld"


def judge_shadow(count: ShadowCount, since: datetime, at: datetime, hours: float, photos: int) -> Verdict:
    """Its time is over after so many hours and, where `photos` are asked for, so many judged.

    One that fails photos is withheld as soon as that shows; that it disagrees with what serves is no fault: it was
    made to know better.
    """
    asked = count.judged + count.failed
    if count.failed > 1 and count.failed > MOST_FAILED * asked:
        return Verdict.WITHHELD
    if at - since < timedelta(hours=hours) or count.judged < photos:
        return Verdict.GOES_ON
    return Verdict.SERVES
