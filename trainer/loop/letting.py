"""How a model that the gate let through comes to serve: at once, after its time in the shadow, or by hand.

What somebody did by hand in the store stands, whatever was planned here.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from inference.errors import InferenceError, StoreError
from inference.states import State
from inference.store import ModelStore
from trainer.loop.asking import Watched
from trainer.loop.book import Book, Came, InShadow, Phase
from trainer.loop.concluding import Outcomes
from trainer.loop.fitting import Fitted
from trainer.loop.shadowing import Verdict, judge_shadow
from trainer.loop.step import Step
from trainer.loop.telling import count_shadow
from trainer.passing import raise_what_passes


@dataclass(frozen=True, slots=True)
class LettingServe:
    """Takes a task's new versions to where they belong, and says so."""

    watched: Watched
    store: ModelStore
    outcomes: Outcomes

    def hand_on(self, book: Book, fitted: Fitted, version: int) -> None:
        """Let the model serve, judge in the shadow, or wait for somebody."""
        letting, task = self.watched.letting, self.watched.task
        if fitted.only_guesses:
            words = f"{fitted.words}, but only as always naming {fitted.only_guesses} would: it stays a candidate"
            self._leave(book, fitted, words)
        elif letting.promote:
            self._promote_at_once(book, fitted, version)
        elif letting.shadow_hours is not None and self._something_serves():
            self._put_in_shadow(book, fitted, version, letting.shadow_hours)
        else:
            self._say(f"{task}/{version} is a candidate; let it serve: dermgate models promote {task}/{version}")
            self.outcomes.conclude(book, fitted, "candidate")

    def look_at_shadow(self, book: Book) -> Step:
        """Promote the model in the shadow where its time has come, withhold it where it fails photos."""
        assert book.shadow is not None
        task, version = self.watched.task, book.shadow.version
        state = self._state_of(version)
        if state is not State.SHADOW:  # somebody decided otherwise
            self._say(f"{task}/{version} is no longer in the shadow: it is {state.value if state else 'gone'}")
            self.outcomes.shelf.keep(replace(book, phase=Phase.IDLE, shadow=None))
            return Step.WENT_ON
        letting = self.watched.letting
        count = count_shadow(self.outcomes.client, task, version)
        verdict = judge_shadow(count, book.shadow.since, datetime.now(UTC), letting.shadow_hours or 0.0, letting.photos)
        self._say(f"{task}/{version} in the shadow: {count.judged} photos judged, {verdict.value}")
        if verdict is Verdict.GOES_ON:
            return Step.WAITS
        if verdict is Verdict.WITHHELD:
            self._withhold(book, version, f"it gave no answer to {count.failed} photos in the shadow")
            return Step.REFUSED
        try:
            self._promote(version)
        except InferenceError as error:  # its files are no longer what they were
            raise_what_passes(error)
            self._withhold(book, version, str(error))
            return Step.REFUSED
        self.outcomes.shelf.keep(replace(book, phase=Phase.IDLE, shadow=None))
        return Step.WENT_ON

    def end_shadow(self, book: Book) -> Step:
        """Take the model that is withheld out of the shadow, unless somebody did, or put another there."""
        assert book.shadow is not None
        if self._state_of(book.shadow.version) is State.SHADOW:
            self.store.end_shadow(self.watched.task)
        self.outcomes.shelf.keep(replace(book, phase=Phase.IDLE, shadow=None))
        return Step.WENT_ON

    def _promote_at_once(self, book: Book, fitted: Fitted, version: int) -> None:
        try:
            self._promote(version)
        except InferenceError as error:  # retired by hand since it was handed over, or no longer what it was
            raise_what_passes(error)
            self._leave(book, fitted, f"{fitted.words}, but it does not come to serve: {error}")
        else:
            self.outcomes.conclude(book, fitted, "active")

    def _put_in_shadow(self, book: Book, fitted: Fitted, version: int, hours: float) -> None:
        task = self.watched.task
        try:
            state = self.store.state(task, version)
            if state is State.CANDIDATE:
                self.store.put_in_shadow(task, version, displace=False)
                state = State.SHADOW
        except InferenceError as error:  # somebody put another there, which stays; or it is no longer what it was
            raise_what_passes(error)
            self._leave(book, fitted, f"{fitted.words}, but it stays a candidate: {error}")
            self._say(f"to let it judge there all the same: dermgate models shadow {task}/{version}")
            return
        if state is State.SHADOW:
            self._say(f"{task}/{version} judges in the shadow for {hours:g} hours")
            shadowed = replace(book, phase=Phase.SHADOW, shadow=InShadow(version, datetime.now(UTC)))
            self.outcomes.conclude(shadowed, fitted, "shadow")
        elif state is State.ACTIVE:  # by hand, since it was handed over
            self._say(f"{task}/{version} serves already")
            self.outcomes.conclude(book, fitted, "active")
        else:
            self._leave(book, fitted, f"{fitted.words}, but it is {state.value}: somebody withdrew it")

    def _leave(self, book: Book, fitted: Fitted, words: str) -> None:
        self._say(words)
        self.outcomes.conclude(book, replace(fitted, words=words), "candidate")

    def _promote(self, version: int) -> None:
        task = self.watched.task
        if self.store.state(task, version) is not State.ACTIVE:
            self.store.promote(task, version)
        self._say(f"{task}/{version} serves; gateways on this store switch within seconds")

    def _something_serves(self) -> bool:
        """Whether there is what a model could judge beside. Raises OSError where that cannot be told now."""
        try:
            return self.store.served(self.watched.task) is not None
        except StoreError as error:  # a mark that names nothing, or what is not there: somebody meant one to serve
            raise_what_passes(error)
            return True

    def _state_of(self, version: int) -> State | None:
        """None where somebody took the version out of the store. Raises OSError where that cannot be told now."""
        task = self.watched.task
        if version not in self.store.versions(task):
            return None
        try:
            self.store.shadow(task)
        except StoreError as error:  # a mark that names nothing, or what is not there, leaves a state to be told
            raise_what_passes(error)
        return self.store.state(task, version)

    def _withhold(self, book: Book, version: int, why: str) -> None:
        """Say so, and keep that it is said, before the shadow ends: who dies in between ends it at the next look."""
        words = f"{self.watched.task}/{version} does not come to serve: {why}"
        self._say(words)
        withheld = replace(book, phase=Phase.WITHHELD)
        self.outcomes.conclude(withheld, Fitted(Came.REFUSED, words, version=version), "candidate", what="withheld")

    def _say(self, words: str) -> None:
        self.outcomes.say(words)
