"""One step of a watcher after the other: wait, gather, fit, hand over, shadow, serve, tell.

Each step ends with the book on disk. A step that was cut short is done again, and finds what it had done.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum

from rich.console import Console

from inference.errors import InferenceError
from inference.states import State
from inference.store import ModelStore
from trainer.loop.asking import Watched
from trainer.loop.book import Book, Came, InShadow, Outcome, Phase, Shelf, told
from trainer.loop.drift.measuring import drift_report
from trainer.loop.errors import WouldForget
from trainer.loop.fitting import Fitted, fit_once, serving_labels
from trainer.loop.gathering import Gathered, Memory, gather, read_base
from trainer.loop.reporting import quarantine_words, write_quarantine
from trainer.loop.samples import Sample, claims_of, read_samples, write_samples
from trainer.loop.second_side import try_second_side
from trainer.loop.shadowing import Verdict, judge_shadow
from trainer.loop.telling import count_shadow, tell
from trainer.loop.votes import Counted, count_votes
from trainer.photos.errors import LabelsUnreachable
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_labels import GatewayLabel
from trainer.photos.gateway_source import read_gateway, read_labels
from trainer.tasks import DISEASE

SAMPLES_NAME = "samples.jsonl"
MAX_WORDS = 4000
"""Of what the gateway is told; the decision in the run's folder has all of them."""


class Step(Enum):
    """What a look came to."""

    WAITS = "waits"
    WENT_ON = "went on"
    REFUSED = "refused"


@dataclass(slots=True)
class Watcher:
    """Looks after one task; whoever holds the store's lock may call it."""

    watched: Watched
    console: Console
    client: GatewayClient
    _shelf: Shelf = field(init=False)
    _store: ModelStore = field(init=False)

    def __post_init__(self) -> None:
        self._shelf = Shelf(self.watched.folder, self.watched.task)
        self._store = ModelStore(self.watched.store)

    def look(self) -> Step:
        """Take every step that can be taken now. Raises TrainingError, InferenceError, OSError; the book stands."""
        step = Step.WAITS
        while True:
            book = self._tell_all(self._shelf.open())
            taken = self._step(book)
            if taken is Step.WAITS:
                self._tell_all(self._shelf.open())
                return step
            step = taken if step is not Step.REFUSED else step

    def _step(self, book: Book) -> Step:
        if book.phase is Phase.IDLE:
            return self._prepare(book)
        self._forget_deleted()
        if book.phase is Phase.FITTING:
            return self._fit(book)
        return self._look_at_shadow(book)

    def _forget_deleted(self) -> None:
        """What the gateway deleted leaves the cache at each look, not only where a round is prepared."""
        with suppress(LabelsUnreachable):  # a fit that was begun need not wait for it
            read_labels(self.client, self.watched.cache)

    # -- waiting for samples, and gathering them

    def _prepare(self, book: Book) -> Step:
        watched = self.watched
        labels = read_labels(self.client, watched.cache)
        counted = count_votes(labels, watched.task, watched.rules.votes)
        new = sum(book.learnt.get(one.photo_id) != one.label for one in counted.agreed)
        if new < watched.new or book.sifted == _last(labels):
            self._say(f"{new} new labelled samples of {watched.new}; {len(counted.held)} wait for votes")
            return Step.WAITS
        labels = read_labels(self.client, watched.cache, anew=True)
        gathered = self._gathered(book, count_votes(labels, watched.task, watched.rules.votes))
        write_quarantine(gathered.held, self._shelf.folder)
        if gathered.new < watched.new:
            waiting = quarantine_words(gathered.held)
            self._say(f"{gathered.new} new samples of {watched.new}; in quarantine: {waiting}")
            self._shelf.keep(replace(book, sifted=_last(labels)))
            return Step.WAITS
        self._refuse_to_forget({one.label for one in gathered.samples if one.place == "train"})
        self._begin(book, gathered)
        return Step.WENT_ON

    def _gathered(self, book: Book, counted: Counted) -> Gathered:
        watched = self.watched
        agreed = {one.photo_id for one in counted.agreed}
        pictures = read_gateway(self.client, watched.cache, chosen=lambda _: agreed)
        known = frozenset(serving_labels(self._store, watched.task)) | set(book.learnt.values())
        memory = Memory(book.learnt, book.test, known)
        base = read_base(watched.base, watched.task)
        return gather(
            counted,
            pictures,
            base,
            task=watched.task,
            rules=watched.rules,
            memory=memory,
            seed=book.round + 1,
        )

    def _begin(self, book: Book, gathered: Gathered) -> None:
        number = book.round + 1
        folder = self._shelf.round(number)
        write_samples(gathered.samples, folder / SAMPLES_NAME)
        write_quarantine(gathered.held, folder)
        self._say(f"round {number}: {gathered.new} new samples; in quarantine: {quarantine_words(gathered.held)}")
        for line in drift_report(self._store, self.watched.task, gathered.samples, folder):
            self._say(line)
        test = {one.sha256 for one in gathered.samples if one.place == "test"}
        self._shelf.keep(
            replace(
                book,
                round=number,
                phase=Phase.FITTING,
                test=tuple(sorted(test | set(book.test))),
                sifted=0,
                held=len(gathered.held),
            )
        )

    # -- fitting, and what comes of it

    def _fit(self, book: Book) -> Step:
        samples = read_samples(self._shelf.round(book.round) / SAMPLES_NAME, self.watched.task)
        asked = self.watched.ask_fit(claims_of(samples), self._shelf.run(book.round))
        fitted = fit_once(asked, self.console)
        learnt = {one.claim.name: one.label for one in samples if not one.is_base}
        book = replace(book, learnt=learnt, phase=Phase.IDLE)
        if fitted.version is None:
            self._say(fitted.words)
            self._conclude(book, fitted, None)
            return Step.REFUSED
        self._try_second_side(book.round, fitted.version, samples)
        self._hand_on(book, fitted, fitted.version)
        return Step.WENT_ON

    def _try_second_side(self, number: int, version: int, samples: Sequence[Sample]) -> None:
        task = self.watched.task
        serving = [self._store.serving(task)] if self._store.serving_mark(task) is not None else []
        versions = list(dict.fromkeys([version, *serving]))
        for line in try_second_side(self._store, task, versions, samples, self._shelf.round(number)):
            self._say(line)

    def _refuse_to_forget(self, taught: set[str]) -> None:
        if self.watched.task != DISEASE:
            return
        lost = [label for label in serving_labels(self._store, self.watched.task) if label not in taught]
        if lost:
            raise WouldForget(lost)

    def _hand_on(self, book: Book, fitted: Fitted, version: int) -> None:
        """Let the model serve, judge in the shadow, or wait for somebody."""
        letting, task = self.watched.letting, self.watched.task
        if fitted.only_guesses:
            words = f"{fitted.words}, but only as always naming {fitted.only_guesses} would: it stays a candidate"
            self._say(words)
            self._conclude(book, replace(fitted, words=words), "candidate")
        elif letting.promote:
            self._promote_at_once(book, fitted, version)
        elif letting.shadow_hours is not None and self._store.serving_mark(task) is not None:
            self._put_in_shadow(book, fitted, version, letting.shadow_hours)
        else:
            self._say(f"{task}/{version} is a candidate; let it serve: dermgate models promote {task}/{version}")
            self._conclude(book, fitted, "candidate")

    def _promote_at_once(self, book: Book, fitted: Fitted, version: int) -> None:
        try:
            self._promote(version)
        except InferenceError as error:  # retired by hand since it was handed over, or no longer what it was
            words = f"{fitted.words}, but it does not come to serve: {error}"
            self._say(words)
            self._conclude(book, replace(fitted, words=words), "candidate")
        else:
            self._conclude(book, fitted, "active")

    def _put_in_shadow(self, book: Book, fitted: Fitted, version: int, hours: float) -> None:
        task = self.watched.task
        if self._store.state(task, version) is State.CANDIDATE:
            self._store.put_in_shadow(task, version)
        self._say(f"{task}/{version} judges in the shadow for {hours:g} hours")
        shadowed = replace(book, phase=Phase.SHADOW, shadow=InShadow(version, datetime.now(UTC)))
        self._conclude(shadowed, fitted, "shadow")

    def _promote(self, version: int) -> None:
        task = self.watched.task
        if self._store.state(task, version) is not State.ACTIVE:
            self._store.promote(task, version)
        self._say(f"{task}/{version} serves; gateways on this store switch within seconds")

    # -- the shadow

    def _look_at_shadow(self, book: Book) -> Step:
        assert book.shadow is not None
        task, version = self.watched.task, book.shadow.version
        state = self._state_of(version)
        if state is not State.SHADOW:  # somebody decided otherwise
            self._say(f"{task}/{version} is no longer in the shadow: it is {state.value if state else 'gone'}")
            self._shelf.keep(replace(book, phase=Phase.IDLE, shadow=None))
            return Step.WENT_ON
        letting = self.watched.letting
        count = count_shadow(self.client, task, version)
        verdict = judge_shadow(count, book.shadow.since, datetime.now(UTC), letting.shadow_hours or 0.0, letting.photos)
        self._say(f"{task}/{version} in the shadow: {count.judged} photos judged, {verdict.value}")
        if verdict is Verdict.GOES_ON:
            return Step.WAITS
        done = replace(book, phase=Phase.IDLE, shadow=None)
        if verdict is Verdict.WITHHELD:
            self._withhold(done, version, f"it gave no answer to {count.failed} photos in the shadow")
            return Step.REFUSED
        try:
            self._promote(version)
        except InferenceError as error:  # its files are no longer what they were
            self._withhold(done, version, str(error))
            return Step.REFUSED
        self._shelf.keep(done)
        return Step.WENT_ON

    def _state_of(self, version: int) -> State | None:
        """None where somebody took the version out of the store."""
        task = self.watched.task
        return self._store.state(task, version) if version in self._store.versions(task) else None

    def _withhold(self, book: Book, version: int, why: str) -> None:
        task = self.watched.task
        if self._store.shadow(task) == version:
            self._store.end_shadow(task)
        words = f"{task}/{version} does not come to serve: {why}"
        self._say(words)
        self._conclude(book, Fitted(Came.REFUSED, words, version=version), "candidate", what="withheld")

    # -- telling

    def _conclude(self, book: Book, fitted: Fitted, serves: str | None, *, what: str = "model") -> None:
        samples = read_samples(self._shelf.round(book.round) / SAMPLES_NAME, self.watched.task)
        outcome = Outcome(
            id=book.outcome_id(what),
            task=self.watched.task,
            came=fitted.came,
            round=book.round,
            at=datetime.now(UTC),
            new_samples=sum(one.is_new for one in samples),
            held=book.held,
            words=fitted.words[:MAX_WORDS],
            version=fitted.version,
            serves=serves,
            accuracy=fitted.accuracy,
            collect=fitted.collect,
        )
        self._shelf.keep(replace(book, untold=(*book.untold, outcome)))

    def _tell_all(self, book: Book) -> Book:
        for outcome in book.untold:
            if not tell(self.client, outcome):
                self._say("the gateway cannot be told now what came of the last round; it will be")
                break
            book = self._shelf.keep(told(book, outcome))
        return book

    def _say(self, words: str) -> None:
        self.console.print(words, markup=False, highlight=False, soft_wrap=True)


def _last(labels: tuple[GatewayLabel, ...]) -> int:
    return labels[-1].number if labels else 0
