"""Judging in the shadow: a candidate answers the photos that were answered already, for the count alone.

It must cost the photos that are posted nothing. So it has one thread of its own, and the model runs on that; it waits
for a moment in which no photo is being judged or answered, though not for ever; and what waits is bounded in number and
in pixels: photos beyond that are dropped and counted.
"""

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from gateway.database import DatabaseError
from gateway.serving.agreement import DROPPED, FAILED, Pair, Tally, compare_judgements, compare_rankings
from gateway.serving.models import ServedModels
from inference.context import PatientContext
from inference.disease import Ranking, rank
from inference.errors import ModelFailed
from inference.prepared import PreparedPicture
from inference.runtime import LoadedModel
from inference.suitability import Judgement, judge

logger = logging.getLogger(__name__)

MOST_WAITING = 16
MOST_WAITING_PIXELS = 48_000_000
"""Four photos of 12 megapixels: 150 MB."""

_QUIET_SECONDS = 0.25
"""By then the last photo that was judged has been answered, and none followed."""
_PATIENCE_SECONDS = 2.0
"""For a quiet moment; under load that never ends one photo in so long is judged."""
_LOOK_SECONDS = 0.02
_KEEP_SECONDS = 2.0
_JOIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """A photo with the answers it got; `ranking` is None where it cannot be used."""

    picture: PreparedPicture
    context: PatientContext
    judgement: Judgement
    ranking: Ranking | None
    refer_malignant: float

    @property
    def pixels(self) -> int:
        """Pixels of the decoded picture."""
        return self.picture.picture.width * self.picture.picture.height


class ShadowJudge:
    """One thread that lets shadows judge; `keep` makes what was counted durable. Safe to share between threads."""

    def __init__(self, models: ServedModels, keep: Callable[[Mapping[Pair, Tally]], None]) -> None:
        self._models = models
        self._keep = keep
        self._changed = threading.Condition()
        self._waiting: deque[Answered] = deque()
        self._being_judged = 0
        self._judged_at = time.monotonic()
        self._counted: defaultdict[Pair, Tally] = defaultdict(Tally)
        self._kept_at = time.monotonic()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shadow-judge", daemon=True)

    def start(self) -> None:
        """Begin; once only."""
        self._thread.start()

    def stop(self) -> None:
        """End after the photo in hand; what was counted is kept, what waits is not judged."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(_JOIN_SECONDS)

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Say that a photo is being judged for an answer, which the shadow lets pass first."""
        with self._changed:
            self._being_judged += 1
        try:
            yield
        finally:
            with self._changed:
                self._being_judged -= 1
                self._judged_at = time.monotonic()

    @property
    def is_judging(self) -> bool:
        """Whether a photo is being judged for an answer at this moment."""
        return self._being_judged > 0

    def offer(self, photo: Answered) -> None:
        """Hand over a photo that was judged; returns at once. Its picture must not be used any more by others."""
        pairs = self._pairs(photo)
        if not pairs:
            return
        with self._changed:
            if self._has_room(photo):
                self._waiting.append(photo)
                self._changed.notify()
                return
            for pair in pairs:
                self._counted[pair] = self._counted[pair].plus(DROPPED)

    def _has_room(self, photo: Answered) -> bool:
        pixels = sum(each.pixels for each in self._waiting) + photo.pixels
        return len(self._waiting) < MOST_WAITING and pixels <= MOST_WAITING_PIXELS

    def _pairs(self, photo: Answered) -> dict[Pair, LoadedModel]:
        """The shadows that there are for a photo's answers."""
        pairs: dict[Pair, LoadedModel] = {}
        if (model := self._models.shadow("suitability")) is not None:
            pairs[_pair(photo.judgement.model, model)] = model
        if photo.ranking is not None and (model := self._models.shadow("disease")) is not None:
            pairs[_pair(photo.ranking.model, model)] = model
        return {pair: model for pair, model in pairs.items() if pair.active != pair.shadow}

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work_once()
            except Exception:  # the thread's outer edge: a shadow's fault is nobody's
                logger.exception("judging in the shadow failed")
        self._keep_counted()

    def _work_once(self) -> None:
        with self._changed:
            if not self._waiting:
                self._changed.wait(_KEEP_SECONDS)
            photo = self._waiting[0] if self._waiting else None
        if photo is not None and self._quiet():
            try:
                self._judge(photo)
            finally:
                with self._changed:
                    self._waiting.popleft()
        if time.monotonic() - self._kept_at >= _KEEP_SECONDS:
            self._keep_counted()

    def _quiet(self) -> bool:
        """Wait until no photo is being judged or was so just now, or too long; False when all must end."""
        begun = time.monotonic()
        while not self._stopping.wait(_LOOK_SECONDS):
            moment = time.monotonic()
            busy = self._being_judged > 0 or moment - self._judged_at < _QUIET_SECONDS
            if not busy or moment - begun >= _PATIENCE_SECONDS:
                return True
        return False

    def _judge(self, photo: Answered) -> None:
        for pair, model in self._pairs(photo).items():
            try:
                tally = _compared(photo, model)
            except ModelFailed:
                tally = FAILED
            with self._changed:
                self._counted[pair] = self._counted[pair].plus(tally)

    def _keep_counted(self) -> None:
        self._kept_at = time.monotonic()
        with self._changed:
            counted, self._counted = self._counted, defaultdict(Tally)
        if not counted:
            return
        try:
            self._keep(counted)
        except (SQLAlchemyError, DatabaseError) as error:  # kept with what comes next
            logger.warning("what was counted of shadows could not be kept: %s", type(error).__name__)
            with self._changed:
                for pair, tally in counted.items():
                    self._counted[pair] = self._counted[pair].plus(tally)


def _pair(active: str, model: LoadedModel) -> Pair:
    return Pair(model.manifest.task, int(active.rpartition("/")[2]), model.manifest.version)


def _compared(photo: Answered, model: LoadedModel) -> Tally:
    if model.manifest.task == "suitability":
        return compare_judgements(photo.judgement, judge(model, photo.picture))
    assert photo.ranking is not None
    threshold = photo.ranking.threshold
    return compare_rankings(photo.ranking, rank(model, photo.picture, photo.context, threshold, photo.refer_malignant))
