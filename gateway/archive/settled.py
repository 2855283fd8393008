"""An object beside the archive's own and the transaction that names it come to be together, or neither does."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from gateway.archive.settling import named_keys
from gateway.archive.storage import PendingObject
from gateway.database import Database

Named = Callable[[Session, Iterable[str]], set[str]]
"""Those of some keys that rows of a capability name."""


@contextmanager
def kept_if_named(pending: PendingObject, database: Database, named: Named) -> Iterator[None]:
    """Keep the object when the block ends well; discard it when the block raises.

    Where the database itself failed, the transaction may be committed all the same: then the index is asked. Where
    that cannot be asked either the object stays pending, and the next start asks.
    """
    try:
        yield
    except DBAPIError:
        with suppress(SQLAlchemyError):
            _ask(pending, database, named)
        raise
    except BaseException:
        pending.discard()
        raise
    pending.keep()


def _ask(pending: PendingObject, database: Database, named: Named) -> None:
    named_keys(database, ())  # waits until no transaction under way can still name the object
    with database.read() as session:
        if named(session, [pending.key]):
            pending.keep()
        else:
            pending.discard()
