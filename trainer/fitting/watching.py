"""Who is told how a fit goes."""

from typing import Protocol

from trainer.fitting.epoch import Epoch


class Watcher(Protocol):
    """Hears of a fit as it goes on; what it does with that is its own affair."""

    def say(self, words: str) -> None:
        """One line of plain words."""

    def begin_epoch(self, number: int, stage: str, steps: int) -> None:
        """An epoch begins: its number from 1 over all stages."""

    def step(self, step: int, loss: float, accuracy: float, milliseconds: float) -> None:
        """`step` steps of the epoch are done; means so far."""

    def end_epoch(self, epoch: Epoch) -> None:
        """The epoch is done and judged."""

    def close(self) -> None:
        """The fit has ended, well or not."""


class Silent:
    """Hears and says nothing: for the processes that do not lead."""

    def say(self, words: str) -> None:
        """Nothing."""

    def begin_epoch(self, number: int, stage: str, steps: int) -> None:
        """Nothing."""

    def step(self, step: int, loss: float, accuracy: float, milliseconds: float) -> None:
        """Nothing."""

    def end_epoch(self, epoch: Epoch) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""
