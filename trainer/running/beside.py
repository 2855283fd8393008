"""What the model that serves says of the test side of a run, so that the gate can compare."""

from inference.errors import InferenceError
from inference.runtime import LoadedModel, load_model
from inference.store import ModelStore
from trainer.evaluation.answers import Answers
from trainer.handover.examined import NotCompared, Served
from trainer.handover.photos_side import ask
from trainer.running.assignment import Assignment


def serving_answers(store: ModelStore, assignment: Assignment) -> Served:
    """Ask what serves about the same photos in the same order.

    A model that knows other labels is not compared, and does not stand in the way. One that cannot be loaded or asked
    does: that a new one is no worse cannot be shown then.
    """
    task = assignment.task
    if store.serving_mark(task) is None:
        return None
    try:
        return _answers(load_model(store.folder(task, store.serving(task)), threads=1), assignment)
    except InferenceError as error:
        return NotCompared(f"the model that serves cannot be asked: {error}", refuses=True)


def _answers(model: LoadedModel, assignment: Assignment) -> Served:
    labels = model.manifest.labels
    if set(labels) != set(assignment.labels):
        return NotCompared(f"{model.manifest.name} serves and knows other labels", refuses=False)
    answers = ask(model, assignment.test_as_taken_by(model.manifest))
    columns = [labels.index(label) for label in assignment.labels]
    return assignment.sides.test.scored(
        assignment.labels, Answers(answers.probabilities[:, columns], answers.unlikeness)
    )
