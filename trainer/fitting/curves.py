"""Loss and accuracy over the epochs, as a picture; the stages are marked."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from trainer.fitting.epoch import Epoch

_TRAINING, _TUNE, _BALANCED = "#1b6ca8", "#d1495b", "#8f6bb3"
_SHADES = ("#f4f6f8", "#e9edf1")
_STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#667080",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#d7dce2",
    "grid.linewidth": 0.6,
    "svg.hashsalt": "dermgate",  # else every drawing of the same curves has other names inside
}


def draw_curves(epochs: Sequence[Epoch], kind: str, path: Path) -> None:
    """Draw into `path` as `kind`, png or svg."""
    import matplotlib as mpl  # noqa: PLC0415 - takes a second, and nothing else here needs it
    from matplotlib.figure import Figure  # noqa: PLC0415 - as above

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        numbers = [epoch.number for epoch in epochs]
        _lines(
            left,
            numbers,
            "loss",
            (("training", _TRAINING, [one.loss for one in epochs]), ("tune", _TUNE, [one.tune_loss for one in epochs])),
        )
        _lines(
            right,
            numbers,
            "accuracy",
            (
                ("training", _TRAINING, [one.accuracy for one in epochs]),
                ("tune", _TUNE, [one.tune_accuracy for one in epochs]),
                ("tune, balanced", _BALANCED, [one.tune_balanced_accuracy for one in epochs]),
            ),
        )
        for axes in (left, right):
            _mark_stages(axes, epochs)
        _mark_best(left, epochs)
        metadata: dict[str, Any] = {"Date": None} if kind == "svg" else {}
        figure.savefig(path, format=kind, dpi=150, metadata=metadata)


def _lines(axes: Any, numbers: list[int], title: str, lines: tuple[tuple[str, str, list[float]], ...]) -> None:
    for label, colour, values in lines:
        axes.plot(numbers, values, color=colour, label=label, linewidth=1.6, marker="o", markersize=2.5)
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(frameon=False)


def _mark_stages(axes: Any, epochs: Sequence[Epoch]) -> None:
    for index, (stage, members) in enumerate(groupby(epochs, lambda epoch: epoch.stage)):
        numbers = [epoch.number for epoch in members]
        start, end = numbers[0] - 0.5, numbers[-1] + 0.5
        axes.axvspan(start, end, color=_SHADES[index % 2], zorder=0, linewidth=0)
        axes.text(
            (start + end) / 2,
            1.0,
            stage,
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="bottom",
            color="#667080",
            fontsize=8,
        )


def _mark_best(axes: Any, epochs: Sequence[Epoch]) -> None:
    best = [epoch for epoch in epochs if epoch.best]
    if best:
        axes.plot([best[-1].number], [best[-1].tune_loss], "o", color=_TUNE, markersize=7, fillstyle="none")
        axes.annotate(
            "best",
            (best[-1].number, best[-1].tune_loss),
            textcoords="offset points",
            xytext=(0, 8),
            ha="center",
            fontsize=8,
            color=_TUNE,
        )
