"""What a run shows while it runs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn, track
from rich.progress import Progress as Bar
from rich.table import Table

from trainer.metrics import Confusion
from trainer.recipe import Epoch

Item = TypeVar("Item")


class Progress:
    """Writes to a console: layers, one line an epoch under a moving bar, tables."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, words: str) -> None:
        """One plain line."""
        self._console.print(words, markup=False, highlight=False)

    def track(self, items: Sequence[Item], doing: str) -> Iterator[Item]:
        """Go through `items` under a moving bar, which is left out where nobody sees it move."""
        hidden = not self._console.is_terminal
        yield from track(items, doing, console=self._console, transient=True, disable=hidden)

    def show_layers(self, layers: list[tuple[str, str, int]]) -> None:
        """List the layers with their weights, and the sum."""
        table = Table("layer", "kind", "weights", box=box.SIMPLE)
        for name, kind, weights in layers:
            table.add_row(name, kind, f"{weights:,}")
        self._console.print(table)
        self.say(f"{len(layers)} layers, {sum(weights for _, _, weights in layers):,} weights")

    @contextmanager
    def epochs(self, total: int) -> Iterator[Callable[[Epoch], None]]:
        """A bar over the epochs; the callable handed out prints one epoch and moves it."""
        columns = (TextColumn("fitting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Bar(*columns, console=self._console) as bar:
            task = bar.add_task("fitting", total=total)

            def report(epoch: Epoch) -> None:
                self.say(
                    f"epoch {epoch.number:3d}  {epoch.seconds:6.1f} s  {epoch.step_milliseconds:6.0f} ms a step  "
                    f"loss {epoch.loss:.3f}  accuracy {epoch.accuracy:.3f}  "
                    f"unseen loss {epoch.unseen_loss:.3f}  unseen accuracy {epoch.unseen_accuracy:.3f}"
                )
                bar.advance(task)

            yield report

    def show_table(self, table: Confusion) -> None:
        """Print a confusion table: rows are the truth, columns what it was taken for."""
        self._console.print(confusion_table(table))
        accuracy = table.accuracy
        self.say(
            f"accuracy {accuracy.value:.3f} ({accuracy.low:.3f} to {accuracy.high:.3f}, {accuracy.n} examples), "
            f"balanced {table.balanced_accuracy:.3f}"
        )


def confusion_table(table: Confusion) -> Table:
    """A confusion table with each row's recall; columns bear the rows' numbers, so that it fits any terminal."""
    numbers = [str(number) for number in range(1, len(table.labels) + 1)]
    shown = Table("", "", box=box.SIMPLE)
    for number in (*numbers, "recall"):
        shown.add_column(number, justify="right")
    for number, label, row in zip(numbers, table.labels, table.counts.tolist(), strict=True):
        recall = table.recall(label)
        cells = [str(count) if count else "." for count in row]
        shown.add_row(number, label, *cells, f"{recall.value:.2f}" if recall.n else "")
    return shown
