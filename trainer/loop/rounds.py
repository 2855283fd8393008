"""One step of a watcher after the other: wait, gather, fit, hand over, shadow, serve, tell.

Each step ends with the book on disk. A step that was cut short is done again, and finds what it had done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from rich.console import Console

from inference.errors import StoreError
from inference.store import ModelStore
from trainer.errors import BadData
from trainer.loop.asking import Watched
from trainer.loop.basis import Basis, basis_of
from trainer.loop.book import Book, Phase, Shelf
from trainer.loop.concluding import Outcomes
from trainer.loop.drift.measuring import drift_report
from trainer.loop.errors import BaseUnusable, WouldForget
from trainer.loop.fitting import fit_once, serving_labels
from trainer.loop.gathering import Gathered, Memory, gather, read_base
from trainer.loop.letting import LettingServe
from trainer.loop.reporting import QUARANTINE_NAME, quarantine_words, write_quarantine
from trainer.loop.samples import SAMPLES_NAME, Sample, claims_of, read_samples, write_samples
from trainer.loop.second_side import try_second_side
from trainer.loop.step import Step
from trainer.loop.votes import Counted, count_votes
from trainer.photos.claims import Seen
from trainer.photos.errors import CacheBusy, LabelsUnreachable, NotAllowed
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_labels import GatewayLabel
from trainer.photos.gateway_source import read_gateway, read_labels
from trainer.tasks import DISEASE

HALTED_SECONDS = 24 * 3600.0
"""After which a round that could not be begun is tried again, though nothing is known to have changed."""


@dataclass(frozen=True, slots=True)
class _Halted:
    """A round that could not be begun: on which basis, and when (seconds of a clock that only goes forward)."""

    basis: Basis
    at: float


@dataclass(slots=True)
class Watcher:
    """Looks after one task; whoever holds the store's lock may call it."""

    watched: Watched
    console: Console
    client: GatewayClient
    _shelf: Shelf = field(init=False)
    _store: ModelStore = field(init=False)
    _outcomes: Outcomes = field(init=False)
    _letting: LettingServe = field(init=False)
    _halted: _Halted | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._shelf = Shelf(self.watched.folder, self.watched.task)
        self._store = ModelStore(self.watched.store)
        self._outcomes = Outcomes(self.watched.task, self._shelf, self.client, self._say)
        self._letting = LettingServe(self.watched, self._store, self._outcomes)

    def look(self) -> Step:
        """Take every step that can be taken now. Raises TrainingError, InferenceError, OSError; the book stands."""
        step = Step.WAITS
        while True:
            book = self._outcomes.tell_all(self._shelf.open())
            taken = self._step(book)
            if taken is Step.WAITS:
                self._outcomes.tell_all(self._shelf.open())
                return step
            step = taken if step is not Step.REFUSED else step

    def _step(self, book: Book) -> Step:
        if book.phase is Phase.IDLE:
            return self._prepare(book)
        self._forget_deleted()
        book = self._with_stored(book)
        if book.phase is Phase.FITTING:
            return self._fit(book)
        if book.phase is Phase.WITHHELD:
            return self._letting.end_shadow(book)
        return self._letting.look_at_shadow(book)

    def _with_stored(self, book: Book) -> Book:
        """The book with the newest version in the store. Raises StoreError where none is left of what there was.

        A mount that is not there is an empty folder: a model made now would know nothing of what serves.
        """
        task = self.watched.task
        versions = self._store.versions(task)
        if not versions and (book.stored or book.shadow):
            raise StoreError(
                f"the store held versions of {task} and holds none now: is it mounted? To begin anew in an empty "
                f"store, move {self._shelf.folder.name} away"
            )
        newest = max(versions, default=0)
        return book if newest == book.stored else self._shelf.keep(replace(book, stored=newest))

    def _forget_deleted(self) -> None:
        """What the gateway deleted leaves the cache at each look, not only where a round is prepared."""
        try:
            read_labels(self.client, self.watched.cache)
        except NotAllowed:
            raise
        except (BadData, OSError) as error:  # no answer, or a cache in use; a fit that was begun need not wait for it
            self._say(str(error))

    # -- waiting for samples, and gathering them

    def _prepare(self, book: Book) -> Step:
        watched = self.watched
        labels = read_labels(self.client, watched.cache)
        book = self._with_stored(book)
        counted = count_votes(labels, watched.task, watched.rules.votes)
        new = sum(book.learnt.get(one.photo_id) != one.label for one in counted.agreed)
        if new < watched.new:
            self._say(f"{new} new labelled samples of {watched.new}; {len(counted.held)} wait for votes")
            return Step.WAITS
        known = serving_labels(self._store, watched.task)
        basis = basis_of(watched, _last(labels), known)
        if self._is_in_vain(book, basis):
            return Step.WAITS
        try:
            return self._prepare_round(book, basis, known)
        except (LabelsUnreachable, CacheBusy):  # passes
            raise
        except (BadData, WouldForget) as error:
            self._say(f"no round is begun: {error}")
            self._halted = _Halted(basis, monotonic())
            self._outcomes.halt(book, error, new=new, held=len(counted.held))
            return Step.REFUSED

    def _is_in_vain(self, book: Book, basis: Basis) -> bool:
        """Whether samples of this very basis were sifted before, and say so."""
        if Basis(book.sifted, book.sifted_under) == basis:
            self._say(f"too many of the new samples are in quarantine: {self._shelf.folder / QUARANTINE_NAME}")
            return True
        halted = self._halted
        if halted is None or halted.basis != basis or monotonic() - halted.at > HALTED_SECONDS:
            return False
        self._say(f"no round is begun before labels, options or the base set change, or a day is over: {book.halted}")
        return True

    def _prepare_round(self, book: Book, basis: Basis, known: Sequence[str]) -> Step:
        watched = self.watched
        labels = read_labels(self.client, watched.cache, anew=True)
        gathered = self._gathered(book, count_votes(labels, watched.task, watched.rules.votes), known)
        write_quarantine(gathered.held, self._shelf.folder)
        if gathered.new < watched.new:
            waiting = quarantine_words(gathered.held)
            self._say(f"{gathered.new} new samples of {watched.new}; in quarantine: {waiting}")
            self._shelf.keep(replace(book, sifted=basis.last, sifted_under=basis.settings))
            return Step.WAITS
        self._refuse_to_forget(known, {one.label for one in gathered.samples if one.place == "train"})
        self._begin(book, gathered)
        return Step.WENT_ON

    def _gathered(self, book: Book, counted: Counted, known: Sequence[str]) -> Gathered:
        watched = self.watched
        agreed = {one.photo_id for one in counted.agreed}
        base = self._base()
        pictures = read_gateway(self.client, watched.cache, chosen=lambda _: agreed)
        memory = Memory(book.learnt, book.test, frozenset(known) | set(book.learnt.values()))
        return gather(
            counted,
            pictures,
            base,
            task=watched.task,
            rules=watched.rules,
            memory=memory,
            seed=book.round + 1,
        )

    def _base(self) -> tuple[Seen, ...]:
        try:
            return read_base(self.watched.base, self.watched.task)
        except BadData as error:
            raise BaseUnusable(str(error)) from error

    def _refuse_to_forget(self, known: Sequence[str], taught: set[str]) -> None:
        lost = [label for label in known if label not in taught]
        if lost and self.watched.task == DISEASE:
            raise WouldForget(lost)

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
                sifted_under="",
                halted="",
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
            self._say(fitted.shown or fitted.words)
            self._outcomes.conclude(book, fitted, None)
            return Step.REFUSED
        self._try_second_side(book.round, fitted.version, samples)
        self._letting.hand_on(book, fitted, fitted.version)
        return Step.WENT_ON

    def _try_second_side(self, number: int, version: int, samples: Sequence[Sample]) -> None:
        task = self.watched.task
        versions = list(dict.fromkeys([version, *self._served()]))
        for line in try_second_side(self._store, task, versions, samples, self._shelf.round(number)):
            self._say(line)

    def _served(self) -> list[int]:
        try:
            version = self._store.served(self.watched.task)
        except StoreError as error:
            self._say(f"second side: what serves cannot be asked: {error}")
            return []
        return [] if version is None else [version]

    def _say(self, words: str) -> None:
        self.console.print(words, markup=False, highlight=False, soft_wrap=True)


def _last(labels: tuple[GatewayLabel, ...]) -> int:
    return labels[-1].number if labels else 0
