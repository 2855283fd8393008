"""Credentials: bearer keys with roles, kept only as digests."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.caller import Caller, Role
from gateway.access.tables import NAME_LENGTH, KeyRow
from gateway.config import ConfigurationError
from gateway.database import UnitOfWork, now
from gateway.reading import Reader, moment

KEY_PREFIX = "dgk_"
_SECRET_BYTES = 32
_LONGEST_KEY = 128


class InvalidKey(Exception):
    """The credential that was presented is unknown, expired or revoked."""


class UnknownKey(Exception):
    """There is no key with this id."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a key; the secret itself is not."""

    id: str
    name: str
    roles: Sequence[Role]
    hospitals: Sequence[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def create_key(
    unit_of_work: UnitOfWork,
    *,
    name: str,
    roles: Sequence[Role],
    hospitals: Sequence[str] | None,
    expires_at: datetime | None = None,
    patient: str | None = None,
) -> str:
    """Make a key and return its secret, which is shown this once. `hospitals` None means all of them.

    Raises ConfigurationError for a name that is not 1 to 64 characters long, and where roles or hospitals are empty.
    """
    _check(name, roles, hospitals)
    # 256 random bits need no slow hash: there is no dictionary to try.
    secret = KEY_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    unit_of_work.session.add(
        KeyRow(
            id=secrets.token_hex(8),
            name=name,
            secret_sha256=_digest(secret),
            roles=[role.value for role in roles],
            hospitals=None if hospitals is None else list(hospitals),
            patient=patient,
            created_at=now(),
            expires_at=expires_at,
            revoked_at=None,
        )
    )
    return secret


def revoke_key(unit_of_work: UnitOfWork, key_id: str) -> None:
    """End a key; raises UnknownKey."""
    row = unit_of_work.session.get(KeyRow, key_id)
    if row is None:
        raise UnknownKey(key_id)
    row.revoked_at = row.revoked_at or now()


def list_keys(session: Session) -> Sequence[KeyRecord]:
    """Every key ever made, oldest first."""
    return [
        KeyRecord(
            row.id,
            row.name,
            [Role(role) for role in row.roles],
            row.hospitals,
            row.created_at,
            row.expires_at,
            row.revoked_at,
        )
        for row in session.scalars(select(KeyRow).order_by(KeyRow.created_at, KeyRow.id))
    ]


_ANY_KEY = "SELECT 1 FROM keys WHERE revoked_at IS NULL LIMIT 1"
_BY_DIGEST = "SELECT id, roles, hospitals, patient, revoked_at, expires_at FROM keys WHERE secret_sha256 = ?"


def any_key_exists(reader: Reader) -> bool:
    """Whether a key was made and not revoked; an expired one counts, so that no gateway opens by the clock."""
    return bool(reader.all(_ANY_KEY))


def caller_of(reader: Reader, secret: str) -> Caller:
    """The caller a presented key stands for; raises InvalidKey. Asked for every request: nothing is remembered."""
    if len(secret) > _LONGEST_KEY:
        raise InvalidKey
    rows = reader.all(_BY_DIGEST, (_digest(secret),))
    if not rows:
        raise InvalidKey
    key_id, roles, hospitals, patient, revoked_at, expires_at = rows[0]
    if revoked_at is not None or (expires_at is not None and moment(expires_at) <= now()):
        raise InvalidKey
    listed = _listed(hospitals)
    return Caller(
        id=f"key:{key_id}",
        roles=frozenset(Role(role) for role in _listed(roles) or ()),
        hospitals=None if listed is None else frozenset(listed),
        patient=patient,
    )


def _listed(column: Any) -> Sequence[str] | None:
    """A JSON column, which SQLite gives as text."""
    listed: Sequence[str] | None = json.loads(column) if isinstance(column, str) else column
    return listed


def _check(name: str, roles: Sequence[Role], hospitals: Sequence[str] | None) -> None:
    faults = []
    if not 1 <= len(name) <= NAME_LENGTH:
        faults.append(f"a key's name has 1 to {NAME_LENGTH} characters")
    if not roles:
        faults.append("a key needs a role")
    if hospitals is not None and not hospitals:
        faults.append("a key needs a hospital, or all of them")
    if faults:
        raise ConfigurationError(faults)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
