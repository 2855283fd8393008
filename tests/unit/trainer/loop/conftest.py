"""The surroundings of a watcher; fitting is what nothing here does, but a watcher cannot be imported without torch."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.trainer.loop.surroundings import Place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Place":
    """Twenty-four labelled photos of two diseases, which a model that serves knows."""
    from inference.store import ModelStore  # noqa: PLC0415 - with the rest
    from tests.unit.trainer.loop.surroundings import KNOWN, Desk, Fits, Place  # noqa: PLC0415 - needs torch, an extra
    from trainer.loop import fitting  # noqa: PLC0415 - needs torch, an extra

    fits = Fits(tmp_path)
    monkeypatch.setattr(fitting, "run", fits)
    monkeypatch.setattr("trainer.loop.drift.shift.DEALS", 20)
    made = Place(tmp_path, Desk(), fits, ModelStore(tmp_path / "models"))
    made.serve(1, *KNOWN)
    made.label(0, 24)
    return made
