"""How a fit looks in a terminal: a bar of steps under a growing table of epochs; plain lines in a file."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from trainer.fitting.epoch import Epoch

_HEADER = "epoch stage seconds ms/step  loss accuracy | tune loss accuracy balanced    rate"
"""This and the lines below it fit into a terminal of 80 columns."""


_EVERY_SECONDS = 30.0
"""How often a long epoch is heard of where no bar is seen."""


class Display:
    """A Watcher that writes to a console; `clock` tells seconds."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._epoch, self._steps, self._said_at = 0, 0, clock()
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._header_shown = False

    def say(self, words: str) -> None:
        """One line of plain words."""
        self._console.print(words, markup=False, highlight=False, soft_wrap=True)

    def begin_epoch(self, number: int, stage: str, steps: int) -> None:
        """Show a bar over the epoch's steps, where somebody sees it move."""
        if not self._header_shown:
            self.say(_HEADER)
            self._header_shown = True
        self._epoch, self._steps, self._said_at = number, steps, self._clock()
        if self._console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[words]}"),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._bar.start()
            self._task = self._bar.add_task(f"epoch {number} {stage}", total=steps, words="")

    def step(self, step: int, loss: float, accuracy: float, milliseconds: float) -> None:
        """Move the bar; without one, say a line twice a minute."""
        words = f"loss {loss:.3f}  accuracy {accuracy:.3f}  {milliseconds:.0f} ms/step"
        if self._bar is not None:
            self._bar.update(self._task, completed=step, words=words)
        elif self._clock() - self._said_at >= _EVERY_SECONDS:
            self._said_at = self._clock()
            self.say(f"{self._epoch:4d}  step {step} of {self._steps}  {words}")

    def end_epoch(self, epoch: Epoch) -> None:
        """Take the bar away and leave the epoch's line; a star marks the best so far."""
        self.close()
        self.say(
            f"{epoch.number:4d}{'*' if epoch.best else ' '} {epoch.stage:5s}{epoch.seconds:8.1f}"
            f" {epoch.step_milliseconds:7.0f} {epoch.loss:5.3f} {epoch.accuracy:8.3f} | {epoch.tune_loss:9.3f}"
            f" {epoch.tune_accuracy:8.3f} {epoch.tune_balanced_accuracy:8.3f} {epoch.learning_rate:7.1e}"
        )

    def close(self) -> None:
        """Give the terminal back."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
