"""Tables of the reference cases, their pictures and their embeddings.

Nothing here names a patient, a photo or a case of the review desk: `source_link` can be found from a photo by who holds
the gateway's secret, and leads nobody back.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base, UtcDateTime


class ReferenceCaseRow(Base):
    """A de-identified example of a disease; of a withdrawn one only that it was there is left.

    `age_band` is the first year of a band of ten (90: and older), `posted_digest` the SHA-256 of the request that
    posted it under an Idempotency-Key.
    """

    __tablename__ = "reference_cases"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    disease: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    sex: Mapped[str | None] = mapped_column(String(1))
    age_band: Mapped[int | None] = mapped_column(Integer)
    body_site: Mapped[str | None] = mapped_column(String(64))
    laterality: Mapped[str | None] = mapped_column(String(1))
    features: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(16))
    source_link: Mapped[str | None] = mapped_column(String(64))
    posted_digest: Mapped[str | None] = mapped_column(String(64))
    added_by: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("hospital_id", "source_link", name="reference_cases_source"),
        Index("reference_cases_by_time", "hospital_id", "added_at", "id"),
        Index("reference_cases_by_disease", "hospital_id", "disease", "added_at", "id"),
    )


class ReferencePictureRow(Base):
    """One picture of a reference case, an object of its own; of a video it is a frame, and `video_key` the video."""

    __tablename__ = "reference_pictures"

    case_id: Mapped[str] = mapped_column(ForeignKey("reference_cases.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    hospital_id: Mapped[str] = mapped_column(String(64))
    object_key: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(32))
    video_key: Mapped[str | None] = mapped_column(String(64), index=True)


class ReferenceEmbeddingRow(Base):
    """What one model makes of one picture: float32 of unit length, little-endian; null where it could make nothing.

    `model` is the SHA-256 of the model's file: embeddings of different files are never compared. `number` follows the
    order of commits, so that who read up to N misses none.
    """

    __tablename__ = "reference_embeddings"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hospital_id: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[str] = mapped_column(ForeignKey("reference_cases.id", ondelete="CASCADE"))
    picture: Mapped[int] = mapped_column(Integer)
    model: Mapped[str] = mapped_column(String(64))
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (
        UniqueConstraint("case_id", "picture", "model", name="reference_embeddings_identity"),
        Index("reference_embeddings_by_model", "model", "number"),
    )


class LibraryModelRow(Base):
    """How far the library is embedded with one model: answers come from it once `finished_at` is there.

    `claimed_until` is the lease of the one process that embeds; `served_at` when a gateway last let it serve.
    """

    __tablename__ = "library_models"

    model: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    served_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
