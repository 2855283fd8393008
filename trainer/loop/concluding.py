"""What has come of rounds: into the book, and from there to the gateway, once, whenever it can be told."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from inference.manifest import Task
from trainer.errors import TrainingError
from trainer.loop.book import Book, Came, Outcome, Shelf, told
from trainer.loop.fitting import Fitted
from trainer.loop.samples import SAMPLES_NAME, read_samples
from trainer.loop.telling import tell, told_of
from trainer.photos.gateway_client import GatewayClient

MAX_WORDS = 4000
"""Of what the gateway is told; the decision in the run's folder has all of them."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Keeps outcomes of one task, and tells them; `say` shows a line to whoever looks on."""

    task: Task
    shelf: Shelf
    client: GatewayClient
    say: Say

    def conclude(self, book: Book, fitted: Fitted, serves: str | None, *, what: str = "model") -> None:
        """Keep the book, with what came of its round in it."""
        samples = read_samples(self.shelf.round(book.round) / SAMPLES_NAME, self.task)
        outcome = Outcome(
            id=book.outcome_id(what),
            task=self.task,
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
        self._keep(book, outcome)

    def halt(self, book: Book, error: TrainingError, *, new: int, held: int) -> None:
        """Keep that no round could be begun; for the same reason as the last time the gateway is not told again.

        The book keeps the whole reason. The gateway hears of data that cannot be used only that it is so.
        """
        why = str(error)
        if why == book.halted:
            return
        number, mark = book.round + 1, hashlib.sha256(why.encode()).hexdigest()[:8]
        outcome = Outcome(
            id=f"{book.id}-{number}-halted-{mark}",
            task=self.task,
            came=Came.FAILED,
            round=number,
            at=datetime.now(UTC),
            new_samples=new,
            held=held,
            words=f"no round could be begun: {told_of(error)}"[:MAX_WORDS],
        )
        self._keep(replace(book, halted=why), outcome)

    def tell_all(self, book: Book) -> Book:
        """Tell what the gateway has not heard of yet; the book without it. Raises NotAllowed."""
        for outcome in book.untold:
            if not tell(self.client, outcome):
                self.say("the gateway cannot be told now what came of the last round; it will be")
                break
            book = self.shelf.keep(told(book, outcome))
        return book

    def _keep(self, book: Book, outcome: Outcome) -> None:
        self.shelf.keep(replace(book, untold=(*book.untold, outcome)))
