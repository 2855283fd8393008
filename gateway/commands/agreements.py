"""How a version answered in the shadow of others, as far as the database can be asked."""

import sys
from contextlib import closing

from sqlalchemy.exc import SQLAlchemyError

from gateway.commands.databases import absent_file
from gateway.config import Settings
from gateway.database import Database, DatabaseError, fault_words
from gateway.migrations.upgrade import current_revision, head_revision
from gateway.serving.tallies import ShadowAgreement, read_agreements
from inference.manifest import Task


def shadow_agreements(settings: Settings, task: Task, version: int) -> list[ShadowAgreement]:
    """What was counted of a version in the shadow, the newest active version first.

    None where no gateway has run yet; a database that cannot be asked is told on stderr, since a model can be shown
    without it.
    """
    try:
        if absent_file(settings) is not None:
            return []
        with closing(Database(settings.archive.database)) as database:
            if current_revision(database) != head_revision():
                return []
            with database.read() as session:
                found = read_agreements(session)
    except (DatabaseError, SQLAlchemyError) as error:
        print(f"what was counted in the shadow is not known: {fault_words(error)}", file=sys.stderr)
        return []
    return [each for each in found if (each.task, each.shadow) == (task, version)]
