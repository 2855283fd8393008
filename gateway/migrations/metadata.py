"""Every table of the gateway, gathered so that migrations see the whole schema."""

from sqlalchemy import MetaData

import gateway.access.tables
import gateway.archive.tables
import gateway.delivery.tables
import gateway.events.tables
import gateway.hospitals.tables
import gateway.intake.tables
import gateway.library.tables
import gateway.review.tables
import gateway.serving.tables
import gateway.worklists.tables  # noqa: F401 - imported for the tables they define
from gateway.database import Base


def metadata() -> MetaData:
    """The schema as the tables modules declare it."""
    return Base.metadata
