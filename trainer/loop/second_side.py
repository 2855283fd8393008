"""How a new model and the one that serves do on the second side: patients who came later, held out from every round.

The gate looks at its own test side alone, which stays what it was. Here it shows whether what holds there holds for who
comes now; it is told, and decides nothing.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from inference.errors import InferenceError
from inference.graph import PROBABILITIES
from inference.manifest import Task
from inference.runtime import LoadedModel, load_model
from inference.store import ModelStore
from trainer.errors import BadData
from trainer.evaluation.answering import model_inputs
from trainer.fitting.durable import write_text
from trainer.loop.pictures import opened
from trainer.loop.samples import Sample
from trainer.metrics import wilson

MOST_PHOTOS = 1000
SECOND_JSON = "second_side.json"


@dataclass(frozen=True, slots=True)
class Share:
    """How many of `n` photos a model names right, of classes that it knows, with Wilson's 95 % interval.

    The interval takes photos for independent: where patients have several it is too narrow.
    """

    model: str
    n: int
    right: int
    accuracy: float
    low: float
    high: float


def try_second_side(
    store: ModelStore, task: Task, versions: Sequence[int], samples: Sequence[Sample], folder: Path
) -> Iterator[str]:
    """Ask the versions about at most MOST_PHOTOS of the second side, those labelled last; write `second_side.json`,
    give lines to be said.

    A model that cannot be asked is left out and named.
    """
    held_out = [one for one in samples if one.place == "second" and one.label][-MOST_PHOTOS:]
    shares: list[Share] = []
    for version in versions:
        try:
            model = load_model(store.folder(task, version), threads=1)
            share = _share(model, [one for one in held_out if one.label in model.manifest.labels])
        except (InferenceError, BadData) as error:
            yield f"second side: {task}/{version} cannot be asked: {error}"
            continue
        if share is not None:
            shares.append(share)
            yield (
                f"second side, new patients held out: {share.model} names {share.right} of {share.n} photos right "
                f"({share.accuracy:.3f}, {share.low:.3f} to {share.high:.3f})"
            )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_text(folder / SECOND_JSON, json.dumps([asdict(share) for share in shares], indent=2) + "\n")


def _share(model: LoadedModel, samples: Sequence[Sample]) -> Share | None:
    if not samples:
        return None
    right = sum(_first(model, sample) == sample.label for sample in samples)
    estimate = wilson(right, len(samples))
    return Share(model.manifest.name, len(samples), right, estimate.value, estimate.low, estimate.high)


def _first(model: LoadedModel, sample: Sample) -> str:
    outputs = model.run(model_inputs(model, opened(sample)))
    return model.manifest.labels[int(outputs[PROBABILITIES][0].argmax())]
