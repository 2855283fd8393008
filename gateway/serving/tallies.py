"""What was counted of shadows, kept in the database and read from it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.database import UnitOfWork
from gateway.serving.agreement import Pair, Tally
from gateway.serving.tables import ShadowAgreementRow
from inference.manifest import Task


@dataclass(frozen=True, slots=True)
class ShadowAgreement:
    """How the version `shadow` answered the photos that `active` answered.

    Photos were `judged` by both and on `agreed` of them they say the same; `mean_difference` is that of their
    probabilities (0..1), None where none is judged. The shadow `failed` on some, and some were `dropped` because
    others waited already.
    """

    task: Task
    shadow: int
    active: int
    judged: int
    agreed: int
    mean_difference: float | None
    failed: int
    dropped: int


def add_tallies(unit_of_work: UnitOfWork, tallies: Mapping[Pair, Tally]) -> None:
    """Add to what was counted before."""
    for pair, tally in tallies.items():
        if not _added(unit_of_work.session, pair, tally):
            _begin(unit_of_work.session, pair)
            _added(unit_of_work.session, pair, tally)


def _added(session: Session, pair: Pair, tally: Tally) -> bool:
    counted = {name: getattr(ShadowAgreementRow, name) + value for name, value in asdict(tally).items()}
    statement = update(ShadowAgreementRow).where(
        ShadowAgreementRow.task == pair.task,
        ShadowAgreementRow.active_version == pair.active,
        ShadowAgreementRow.shadow_version == pair.shadow,
    )
    result = session.execute(statement.values(counted), execution_options={"synchronize_session": False})
    return cast("CursorResult[tuple[()]]", result).rowcount == 1


def _begin(session: Session, pair: Pair) -> None:
    row = ShadowAgreementRow(task=pair.task, active_version=pair.active, shadow_version=pair.shadow)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return  # another process was quicker


def read_agreements(session: Session) -> list[ShadowAgreement]:
    """Read what was counted of every shadow, by task, the newest shadow first."""
    rows = session.scalars(
        select(ShadowAgreementRow).order_by(
            ShadowAgreementRow.task, ShadowAgreementRow.shadow_version.desc(), ShadowAgreementRow.active_version.desc()
        )
    )
    return [_agreement(row) for row in rows]


def _agreement(row: ShadowAgreementRow) -> ShadowAgreement:
    return ShadowAgreement(
        task=cast("Task", row.task),
        shadow=row.shadow_version,
        active=row.active_version,
        judged=row.judged,
        agreed=row.agreed,
        mean_difference=Tally(judged=row.judged, difference_sum=row.difference_sum).mean_difference,
        failed=row.failed,
        dropped=row.dropped,
    )
