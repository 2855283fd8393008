"""The fit's curves as pictures of the page: its colours, its languages."""

from collections.abc import Callable, Sequence
from typing import Any

from trainer.evaluation.plots.canvas import ACCENT, FAINT, INK, LINE, WARN, canvas, drawing, svg
from trainer.fitting.curves import Palette, draw_accuracy, draw_loss
from trainer.fitting.epoch import Epoch

_WIDTH, _HEIGHT = 4.4, 3.4
_COLOURS = Palette(training=ACCENT, tune=WARN, balanced=INK, shade=LINE, faint=FAINT)


def loss_curves(epochs: Sequence[Epoch], key: str) -> str:
    """Loss over the epochs; SVG. `epochs` must not be empty."""
    return _drawn(draw_loss, epochs, key, "Loss over the epochs of the fit")


def accuracy_curves(epochs: Sequence[Epoch], key: str) -> str:
    """Accuracy over the epochs; SVG. `epochs` must not be empty."""
    return _drawn(draw_accuracy, epochs, key, "Accuracy over the epochs of the fit")


def _drawn(
    draw: Callable[[Any, Sequence[Epoch], Palette], None], epochs: Sequence[Epoch], key: str, description: str
) -> str:
    with drawing(key):
        figure, axes = canvas(_WIDTH, _HEIGHT)
        draw(axes, epochs, _COLOURS)
        return svg(figure, description)
