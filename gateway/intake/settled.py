"""An object of the intake's own and the transaction that names it come to be together, or neither does."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.archive.settling import named_keys
from gateway.archive.storage import PendingObject
from gateway.database import Database
from gateway.intake.pictures import picture_keys


@contextmanager
def settled(pending: PendingObject | None, database: Database) -> Iterator[None]:
    """Keep the object, where there is one, when the block ends well; discard it when the block raises.

    Where the database itself failed, the transaction may be committed all the same: then the index is asked. Where
    that cannot be asked either the object stays pending, and the next start asks.
    """
    if pending is None:
        yield
        return
    try:
        yield
    except DBAPIError:
        with suppress(SQLAlchemyError):
            _ask(pending, database)
        raise
    except BaseException:
        pending.discard()
        raise
    pending.keep()


def _ask(pending: PendingObject, database: Database) -> None:
    named_keys(database, ())  # waits until no transaction under way can still name the object
    with database.read() as session:
        if picture_keys(session, [pending.key]):
            pending.keep()
        else:
            pending.discard()
