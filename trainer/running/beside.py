"""What the model that serves says of the test side of a run, so that the gate can compare."""

from collections.abc import Sequence

import numpy as np

from inference.errors import InferenceError
from inference.manifest import read_photo_hashes
from inference.runtime import LoadedModel, load_model
from inference.store import ModelStore
from trainer.evaluation.answers import Answers
from trainer.handover.examined import NotCompared, Served
from trainer.handover.photos_side import ask
from trainer.passing import raise_what_passes
from trainer.photos.photo import LabelledPhoto
from trainer.running.assignment import Assignment


def serving_answers(store: ModelStore, assignment: Assignment, held_out: Sequence[LabelledPhoto]) -> Served:
    """Ask what serves about the same photos in the same order; `held_out` are the photos of the test side.

    Photos of patients whom it was trained on are left out: what it learnt by heart it names better than anything new
    can. Where that leaves none it is not compared. A model that knows other labels is not compared, and does not stand
    in the way. One that cannot be loaded or asked does: that a new one is no worse cannot be shown then.
    Raises OSError where the system does not let it be read now, which says nothing of either.
    """
    task = assignment.task
    try:
        version = store.served(task)
        if version is None:
            return None
        return _answers(load_model(store.folder(task, version), threads=1), assignment, held_out)
    except InferenceError as error:
        raise_what_passes(error)
        return NotCompared(f"the model that serves cannot be asked: {error}", refuses=True)


def _answers(model: LoadedModel, assignment: Assignment, held_out: Sequence[LabelledPhoto]) -> Served:
    labels = model.manifest.labels
    if set(labels) != set(assignment.labels):
        return NotCompared(f"{model.manifest.name} serves and knows other labels", refuses=False)
    learnt = _learnt(model, held_out)
    unseen = np.array([patient not in learnt for patient in assignment.sides.test.patients], dtype=np.bool_)
    if learnt and not unseen.any():
        return NotCompared(f"{model.manifest.name} serves and was trained on these very patients", refuses=False)
    answers = ask(model, assignment.test_as_taken_by(model.manifest))
    columns = [labels.index(label) for label in assignment.labels]
    found = Answers(answers.probabilities[:, columns], answers.unlikeness)
    return assignment.sides.test.scored(assignment.labels, found).part(unseen)


def _learnt(model: LoadedModel, held_out: Sequence[LabelledPhoto]) -> frozenset[str]:
    """The patients among these whom the model was trained on. Raises ManifestError."""
    known = read_photo_hashes(model.manifest, model.folder)
    return frozenset(photo.patient_id for photo in held_out if photo.sha256 in known)
