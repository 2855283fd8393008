"""Tables of how shadows agree with what serves, of what trainers said of their rounds, and of switches told."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base, UtcDateTime


class ShadowAgreementRow(Base):
    """What was counted of one version in the shadow of another; replicas add to the same row."""

    __tablename__ = "shadow_agreements"

    task: Mapped[str] = mapped_column(String(16), primary_key=True)
    active_version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    shadow_version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    judged: Mapped[int] = mapped_column(BigInteger, default=0)
    agreed: Mapped[int] = mapped_column(BigInteger, default=0)
    failed: Mapped[int] = mapped_column(BigInteger, default=0)
    dropped: Mapped[int] = mapped_column(BigInteger, default=0)
    difference_sum: Mapped[float] = mapped_column(Float, default=0.0)


class ModelOutcomeRow(Base):
    """What came of one round of a trainer, told once however often it was posted; `data` is as it was posted."""

    __tablename__ = "model_outcomes"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    task: Mapped[str] = mapped_column(String(16))
    came: Mapped[str] = mapped_column(String(16))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    told_by: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class ModelSwitchRow(Base):
    """How many lines of a task's history in the model store were told as events; replicas share the row."""

    __tablename__ = "model_switches"

    task: Mapped[str] = mapped_column(String(16), primary_key=True)
    told: Mapped[int] = mapped_column(Integer)
