"""The table of how shadows agree with what serves."""

from sqlalchemy import BigInteger, Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base


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
