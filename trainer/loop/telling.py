"""What a watcher and its gateway say to each other beside labels and pictures."""

from http import HTTPStatus

from inference.errors import InferenceError
from inference.manifest import Task
from trainer.errors import BadData, ExportDiffers
from trainer.fitting.errors import Diverged
from trainer.loop.book import Outcome, outcome_document
from trainer.loop.errors import BaseUnusable, WouldForget
from trainer.loop.shadowing import ShadowCount
from trainer.photos.errors import LabelsUnreachable, NotAllowed
from trainer.photos.gateway_client import GatewayClient

_ELSEWHERE = "the watcher's own output says why"

_TOLD_WHOLE = (Diverged, ExportDiffers, InferenceError, WouldForget)
"""Their words name classes, versions and numbers: neither photos nor what stands in anybody's files."""


def told_of(error: Exception) -> str:
    """What the gateway hears of what went wrong.

    Every hospital that it serves can read that, so that names of files and cells of tables stay with the watcher.
    """
    if isinstance(error, _TOLD_WHOLE):
        return str(error)
    if isinstance(error, BaseUnusable):
        return f"the base set cannot be used: {_ELSEWHERE}"
    if isinstance(error, BadData):
        return f"labels or photos cannot be used: {_ELSEWHERE}"
    return f"the fit failed: {_ELSEWHERE}"


def tell(client: GatewayClient, outcome: Outcome) -> bool:
    """Tell the gateway of an outcome; the same twice is the same. False where it cannot be told now.

    Raises NotAllowed where it never can be.
    """
    try:
        client.post("/api/v1/models/outcomes", outcome_document(outcome), gone=HTTPStatus.NOT_FOUND)
    except NotAllowed:
        raise
    except LabelsUnreachable:
        return False
    return True


def count_shadow(client: GatewayClient, task: Task, version: int) -> ShadowCount:
    """What the gateway counted of a version in the shadow, of whichever serves. Raises LabelsUnreachable."""
    document = client.document("/api/v1/models")
    try:
        rows = [
            row
            for row in document["shadows"]  # type: ignore[index]  # what it is shows in the doing
            if (row["task"], row["shadow"]) == (task, version)
        ]
        counts = [(int(row["judged"]), int(row["agreed"]), int(row["failed"])) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        raise LabelsUnreachable("the gateway's list of models cannot be understood") from error
    return ShadowCount(*(sum(column) for column in zip(*counts, strict=True))) if counts else ShadowCount()
