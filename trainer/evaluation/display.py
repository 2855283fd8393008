"""Findings on a console: the tables that are looked at every day."""

import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich import box
from rich.console import Console
from rich.progress import track
from rich.table import Table

from trainer.evaluation.comparing import Comparison
from trainer.evaluation.findings import Findings
from trainer.metrics import Confusion, Estimate

Item = TypeVar("Item")


class Display:
    """Writes lines and tables to a console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, words: str) -> None:
        """One plain line."""
        self._console.print(words, markup=False, highlight=False)

    def track(self, items: Sequence[Item], doing: str) -> Iterable[Item]:
        """Go through `items` under a moving bar, which is left out where nobody sees it move."""
        hidden = not self._console.is_terminal
        return track(items, doing, console=self._console, transient=True, disable=hidden)

    def show(self, findings: Findings) -> None:
        """Everything that fits a console."""
        self.say(f"{findings.title}: {len(findings.scored)} photos of {findings.patients} patients")
        self._console.print(
            confusion_table(findings.table if findings.verdict_table is None else findings.verdict_table)
        )
        self._console.print(_numbers(findings))
        for sentence in findings.untold:
            self.say(sentence.en)
        if findings.latency is not None:
            total = findings.latency.total
            self.say(
                f"one photo: {total.median:.1f} ms (95th percentile {total.p95:.1f}) decode to answer, "
                f"{findings.latency.threads} thread; {findings.latency.machine}"
            )

    def compare(self, comparison: Comparison) -> None:
        """What the patient's facts are worth."""
        shown = Table("measure", "picture alone", "with the facts", "gain", box=box.SIMPLE)
        for one in comparison.rows:
            gain = f"{one.gain.value:+.3f} ({one.gain.low:+.3f} to {one.gain.high:+.3f})"
            shown.add_row(one.name.replace("_", " "), in_words(one.alone), in_words(one.told), gain)
        self.say(f"{comparison.title}: what that changes")
        self._console.print(shown)


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


def in_words(estimate: Estimate) -> str:
    """`0.812 (0.760 to 0.871)`; a dash where it cannot be said."""
    if math.isnan(estimate.value):
        return "-"
    if math.isnan(estimate.low):
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def _numbers(findings: Findings) -> Table:
    shown = Table("measure", "value (95 % interval over patients)", "photos", box=box.SIMPLE)
    for name, one in findings.numbers.items():
        shown.add_row(name.replace("_", " "), in_words(one), str(one.n))
    return shown
