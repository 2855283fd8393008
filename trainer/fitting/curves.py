"""Loss and accuracy over the epochs, as a picture; the stages are marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from trainer.fitting.epoch import Epoch

STAGES = {"head": "head only", "tail": "head and last stages", "all": "whole network"}
"""What learns in each stage, in words."""

_FONT_SIZE = 10
_STYLE: dict[Any, Any] = {
    "font.size": _FONT_SIZE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#667080",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#d7dce2",
    "grid.linewidth": 0.6,
    "legend.fontsize": _FONT_SIZE,
    "svg.hashsalt": "dermgate",  # else every drawing of the same curves has other names inside
}


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as matplotlib takes them; `shade` is laid under every other stage, `faint` is of their names."""

    training: str = "#1b6ca8"
    tune: str = "#d1495b"
    balanced: str = "#1c2026"
    shade: str = "#cbd3dc"
    faint: str = "#667080"


@dataclass(frozen=True, slots=True)
class _Line:
    """One line; `dash` and `marker` tell lines apart that lie on one another, or where colours cannot be seen."""

    label: str
    colour: str
    values: list[float]
    dash: str = "-"
    marker: str = "o"
    width: float = 1.6


def draw_curves(epochs: Sequence[Epoch], kind: str, path: Path) -> None:
    """Draw into `path` as `kind`, png or svg."""
    import matplotlib as mpl  # noqa: PLC0415 - takes a second, and nothing else here needs it
    from matplotlib.figure import Figure  # noqa: PLC0415 - as above

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9, 3.8), layout="constrained")
        left, right = figure.subplots(1, 2)
        draw_loss(left, epochs, Palette())
        draw_accuracy(right, epochs, Palette())
        metadata: dict[str, Any] = {"Date": None} if kind == "svg" else {}
        figure.savefig(path, format=kind, dpi=150, metadata=metadata)


def draw_loss(axes: Any, epochs: Sequence[Epoch], palette: Palette) -> None:
    """Loss on both sides, and which epoch was kept."""
    lines = (
        _Line("training", palette.training, [one.loss for one in epochs]),
        _Line("tune", palette.tune, [one.tune_loss for one in epochs], marker="s"),
    )
    _draw(axes, epochs, "loss", lines, palette)
    _mark_best(axes, epochs, palette)


def draw_accuracy(axes: Any, epochs: Sequence[Epoch], palette: Palette) -> None:
    """Accuracy on both sides; the balanced one is dashed over a broader line, as both are often the same."""
    tune = [one.tune_accuracy for one in epochs]
    balanced = [one.tune_balanced_accuracy for one in epochs]
    lines = (
        _Line("training", palette.training, [one.accuracy for one in epochs]),
        _Line("tune", palette.tune, tune, marker="s", width=3.2),
        _Line("tune, balanced", palette.balanced, balanced, dash="--", marker="D"),
    )
    _draw(axes, epochs, "accuracy", lines, palette)


def _draw(axes: Any, epochs: Sequence[Epoch], title: str, lines: tuple[_Line, ...], palette: Palette) -> None:
    numbers = [epoch.number for epoch in epochs]
    for line in lines:
        axes.plot(
            numbers, line.values, color=line.colour, label=line.label, linestyle=line.dash,
            linewidth=line.width, marker=line.marker, markersize=3.5 if line.width < 2 else 5,
        )  # fmt: skip
    axes.set_title(title, loc="left", fontweight="bold", fontsize=_FONT_SIZE + 1, pad=20)
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    # Below the axes, where no line can be; constrained layout keeps the room.
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=len(lines), columnspacing=1.2)
    _mark_stages(axes, epochs, palette)


def _mark_stages(axes: Any, epochs: Sequence[Epoch], palette: Palette) -> None:
    for index, (stage, members) in enumerate(groupby(epochs, lambda epoch: epoch.stage)):
        numbers = [epoch.number for epoch in members]
        start, end = numbers[0] - 0.5, numbers[-1] + 0.5
        if index % 2:
            axes.axvspan(start, end, color=palette.shade, alpha=0.45, zorder=0, linewidth=0)
        axes.text(
            start,
            1.02 + 0.06 * (index % 2),  # in turns, or the names of short stages would lie on one another
            STAGES.get(stage, stage),
            transform=axes.get_xaxis_transform(),
            ha="left",
            va="bottom",
            color=palette.faint,
            fontsize=_FONT_SIZE - 1,
        )
    axes.set_xlim(epochs[0].number - 0.5, epochs[-1].number + 0.5)


def _mark_best(axes: Any, epochs: Sequence[Epoch], palette: Palette) -> None:
    best = [epoch for epoch in epochs if epoch.best]
    if best:
        axes.plot([best[-1].number], [best[-1].tune_loss], "o", color=palette.tune, markersize=9, fillstyle="none")
        axes.annotate(
            "best",
            (best[-1].number, best[-1].tune_loss),
            textcoords="offset points",
            xytext=(0, 8),
            ha="center",
            color=palette.tune,
        )
