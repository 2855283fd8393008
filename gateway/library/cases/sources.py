"""The one-way link from a photo to the reference case that was made of it.

It is there so that the case goes when its photo does. Who knows a photo finds its case with the gateway's secret; from
a case nobody comes to a photo, not even with a copy of the library's tables.
"""

from sqlalchemy.orm import Session

from gateway.access.secrets import keyed_hash, known_secret, secret

_NAME = "reference-cases"


def source_link(session: Session, hospital: str, photo_id: str) -> str:
    """The link of a photo; the session is one that writes, since the first link makes the secret."""
    return keyed_hash(secret(session, _NAME), hospital, photo_id)


def known_source_link(session: Session, hospital: str, photo_id: str) -> str | None:
    """The link of a photo; None where no photo has one yet."""
    known = known_secret(session, _NAME)
    return None if known is None else keyed_hash(known, hospital, photo_id)
