"""Tables of keys, of the gateway's own secrets and of the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base, RowNumber, UtcDateTime

NAME_LENGTH = 64


class KeyRow(Base):
    """A credential: only the digest of its secret is kept."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    roles: Mapped[list[str]] = mapped_column(JSON)
    hospitals: Mapped[list[str] | None] = mapped_column(JSON)
    patient: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SecretRow(Base):
    """Random bytes that only this gateway knows, for one purpose; made when they are first asked for."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)


class AuditRow(Base):
    """One act on patient data; triggers of the first migration refuse to change or remove a row."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    caller_id: Mapped[str] = mapped_column(String(64))
    hospital_id: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    outcome: Mapped[int] = mapped_column(Integer)
    subject: Mapped[str] = mapped_column(String(192))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (Index("audit_by_subject", "subject"), Index("audit_by_time", "at"))
