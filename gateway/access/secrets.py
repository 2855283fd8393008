"""The gateway's own secrets: random bytes for one purpose each, made when they are first asked for."""

import hmac
import secrets as random_secrets

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.access.tables import SecretRow

SECRET_BYTES = 32


def secret(session: Session, name: str) -> bytes:
    """The secret of this name, 32 bytes; one that nobody has asked for before is made in the session's transaction."""
    found = known_secret(session, name)
    if found is not None:
        return found
    made = SecretRow(name=name, value=random_secrets.token_bytes(SECRET_BYTES))
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:  # another process was quicker
        return session.get_one(SecretRow, name).value
    return made.value


def known_secret(session: Session, name: str) -> bytes | None:
    """The secret of this name, None where nobody has asked for it yet."""
    row = session.get(SecretRow, name)
    return None if row is None else row.value


def keyed_hash(key: bytes, *parts: str) -> str:
    """64 hex digits that only who has the key can tell from the parts (HMAC-SHA256, RFC 2104)."""
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(key, message, "sha256").hexdigest()
