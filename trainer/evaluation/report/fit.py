"""How the fit went: drawn anew from the run's table of epochs, or the run's own picture where there is no table."""

import base64
import csv
import io
from pathlib import Path

from trainer.errors import BadData
from trainer.evaluation.plots.fit import accuracy_curves, loss_curves
from trainer.evaluation.report.figures import plot
from trainer.evaluation.report.markup import Html, both, element
from trainer.evaluation.said import Said
from trainer.fitting.epoch import Epoch

MAX_CURVES_BYTES = 8 * 1024 * 1024
EPOCHS_NAME = "epochs.csv"
_PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}
_READING = Said(
    "Training: photos that the model learns from. Tune: photos that only say when to stop; the epoch marked best was "
    "kept. Above: which part of the network learns.",
    "학습용: 모델이 배우는 사진. 조정용: 언제 멈출지만 정하는 사진; 최고로 표시된 에폭을 남김. "
    "위의 글: 망에서 학습하는 부분.",
)


def fit_section(path: Path | None) -> Html:
    """The chapter of the fit, of a run's picture of its curves. Raises BadData where that cannot be read."""
    if path is None:
        return Html("")
    media = _PICTURES.get(path.suffix.lower())
    if media is None:
        raise BadData(f"{path.name}: curves must be a picture, {' or '.join(_PICTURES)}")
    table = path.with_name(EPOCHS_NAME)
    epochs = read_epochs(table) if table.is_file() else ()
    if epochs:
        shown = element("div", plot(loss_curves(epochs, "fit-loss")), plot(accuracy_curves(epochs, "fit-accuracy")),
                        kind="pair")  # fmt: skip
        told = element("p", both(_READING), kind="note")
    else:
        picture = Html(f'<img alt="" src="data:{media};base64,{base64.b64encode(_bytes(path)).decode()}">')
        shown, told = element("figure", picture, kind="curves"), Html("")
    return element("section", element("h2", both(Said("The fit", "학습 과정"))), told, shown)


def read_epochs(path: Path) -> tuple[Epoch, ...]:
    """Every epoch of a run's `epochs.csv`. Raises BadData, naming the file, for what is no such table."""
    try:
        rows = list(csv.DictReader(io.StringIO(_bytes(path).decode("utf-8")), strict=True))
        return tuple(_epoch(row) for row in rows)
    except (ValueError, KeyError, TypeError, csv.Error) as error:  # UnicodeDecodeError is a ValueError
        raise BadData(f"{path.name} is no table of epochs") from error


def _epoch(row: dict[str, str]) -> Epoch:
    return Epoch(
        number=int(row["number"]),
        stage=row["stage"],
        seconds=float(row["seconds"]),
        step_milliseconds=float(row["step_milliseconds"]),
        loss=float(row["loss"]),
        accuracy=float(row["accuracy"]),
        tune_loss=float(row["tune_loss"]),
        tune_accuracy=float(row["tune_accuracy"]),
        tune_balanced_accuracy=float(row["tune_balanced_accuracy"]),
        learning_rate=float(row["learning_rate"]),
        best=row["best"] == "true",
    )


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_CURVES_BYTES:
            raise BadData(f"{path.name} has more than {MAX_CURVES_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise BadData(f"{path.name} cannot be read: {error.strerror}") from error
