"""An object and the transaction that names it come to be together, or neither does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy.exc import DBAPIError


class Pending(Protocol):
    """An object that is written but not yet known; the storage's pending objects are."""

    def keep(self) -> None:
        """Say that the index names the object durably."""

    def discard(self) -> None:
        """Forget the object."""


@contextmanager
def settled(pending: Pending | None) -> Iterator[None]:
    """Keep the object, where there is one, when the block ends well; discard it when the block raises.

    Where the database itself failed, nobody knows whether the transaction was committed: the object then stays
    pending, and the next start asks the index.
    """
    if pending is None:
        yield
        return
    try:
        yield
    except DBAPIError:
        raise
    except BaseException:
        pending.discard()
        raise
    pending.keep()
