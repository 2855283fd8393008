"""What a command may end with, in words for the person at the terminal."""

from sqlalchemy.exc import SQLAlchemyError

from dimse.errors import DimseError
from gateway.archive.errors import ArchiveError
from gateway.commands.errors import CommandError
from gateway.config import ConfigurationError
from gateway.conversion.codes.errors import CodesError
from gateway.database import DatabaseError, fault_words
from inference.errors import InferenceError

_OF_A_DATABASE = (DatabaseError, SQLAlchemyError)
_EXPECTED = (
    *_OF_A_DATABASE,
    CommandError,
    ConfigurationError,
    CodesError,
    ArchiveError,
    DimseError,
    InferenceError,
    OSError,
)


def words_of(error: Exception) -> str | None:
    """What went wrong, None where that is a fault of the program.

    A database's own words about statements are left out, since they hold values.
    """
    if not isinstance(error, _EXPECTED):
        return None
    return fault_words(error) if isinstance(error, _OF_A_DATABASE) else str(error)
