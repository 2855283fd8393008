"""One small fit as a program of its own, to be killed, resumed, or run several times at once.

    python -m tests.integration.trainer.fit_small FOLDER [--resume] [--step-seconds S] [--plain FOLDER]

Each process prints the SHA-256 of the weights it ends with.
"""

import argparse
import hashlib
import sys
import time
from pathlib import Path

from tests.unit.trainer.fitting.shared import Recorder, recipe_of, small_task, state_bytes
from trainer.fitting.epoch import Epoch
from trainer.fitting.errors import FittingError
from trainer.fitting.loop import fit
from trainer.fitting.processes import joined
from trainer.fitting.recipe import Recipe, Stage
from trainer.fitting.run_folder import RunFolder


class Teller(Recorder):
    """Says on standard output which epochs are done, and takes its time over each step."""

    def __init__(self, step_seconds: float) -> None:
        super().__init__()
        self._step_seconds = step_seconds

    def step(self, step: int, loss: float, accuracy: float, milliseconds: float) -> None:
        time.sleep(self._step_seconds)

    def end_epoch(self, epoch: Epoch) -> None:
        print(f"epoch {epoch.number}", flush=True)


def recipe() -> Recipe:
    """Three stages with everything that has a state."""
    stages = (
        Stage("head", 2, 1e-2, variants=1),
        Stage("tail", 3, 3e-3, blocks=3, variants=2),
        Stage("all", 3, 3e-3, backbone_rate=0.5),
    )
    return recipe_of(*stages, average_epochs=1.0, rarity=0.5, patience=3)


def main() -> int:
    """Fit; 1 and the words on standard error where it was stopped or refused."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--step-seconds", type=float, default=0.0)
    parser.add_argument("--plain", type=Path, help="fit once more, without batch norm and dropout, into this folder")
    options = parser.parse_args()
    with joined() as team:
        try:
            task, teller = small_task(recipe()), Teller(options.step_seconds)
            fit(task, teller, RunFolder(options.folder), resume=options.resume, team=team)
            if options.plain:
                fit(small_task(recipe(), norm=False, dropout=0.0), Recorder(), RunFolder(options.plain), team=team)
        except FittingError as error:
            print(error, file=sys.stderr)
            return 1
    print(f"weights {hashlib.sha256(state_bytes(task.network)).hexdigest()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
