"""An object of the intake's own and the transaction that names it come to be together, or neither does."""

from contextlib import AbstractContextManager, nullcontext

from gateway.archive.settled import kept_if_named
from gateway.archive.storage import PendingObject
from gateway.database import Database
from gateway.intake.pictures import picture_keys


def settled(pending: PendingObject | None, database: Database) -> AbstractContextManager[None]:
    """Keep the object, where there is one, when the block ends well; discard it when the block raises."""
    return nullcontext() if pending is None else kept_if_named(pending, database, picture_keys)
