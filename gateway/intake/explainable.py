"""What can be explained of a submission: the first disease of its ranking, or the first fault it was rejected for."""

from dataclasses import dataclass

from gateway.intake.submission import SubmissionState
from gateway.intake.tables import SubmissionRow
from inference.manifest import Task


@dataclass(frozen=True, slots=True)
class Explainable:
    """One answer of one model: the code of a disease or of a fault, its probability, and the model (`task/version`)."""

    task: Task
    code: str
    probability: float
    model: str


def what_to_explain(row: SubmissionRow) -> Explainable | None:
    """The answer that people will ask about; None where there is none, or no picture it was about."""
    if row.picture_key is None:
        return None
    if row.state == SubmissionState.REJECTED and row.judgement:
        return _first("suitability", row.judgement["reasons"], row.judgement["model"])
    if row.state == SubmissionState.ACCEPTED and row.ranking:
        return _first("disease", row.ranking["diseases"], row.ranking["model"])
    return None


def explanation_place(row: SubmissionRow) -> str | None:
    """Where its explanation is, on this host."""
    return None if what_to_explain(row) is None else f"/api/v1/photos/{row.id}/explanation"


def _first(task: Task, answers: list[dict[str, object]], model: str) -> Explainable | None:
    if not answers:
        return None
    code, probability = answers[0]["code"], answers[0]["probability"]
    assert isinstance(code, str)
    assert isinstance(probability, float | int)
    return Explainable(task, code, float(probability), model)
