"""What a watcher and its gateway say to each other beside labels and pictures."""

from http import HTTPStatus

from inference.manifest import Task
from trainer.loop.book import Outcome, outcome_document
from trainer.loop.shadowing import ShadowCount
from trainer.photos.errors import LabelsUnreachable, NotAllowed
from trainer.photos.gateway_client import GatewayClient


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
