"""Workitems kept in the database, as one caller may see them: `dicomweb.services.workitems.keeping.Workitems`."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dicomweb.archive import JsonObject, Matches, Search
from dicomweb.matching import object_matches
from dicomweb.services.workitems.attributes import PATIENT_ID
from dicomweb.services.workitems.keeping import TooManyWorkitems
from dicomweb.services.workitems.states import State, Status, WorkitemRefused
from dicomweb.services.workitems.steps import Workitem
from dicomweb.storing.members import values_of
from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, Permission, Scope
from gateway.database import Database, UnitOfWork, now
from gateway.worklists.narrowing import conditions
from gateway.worklists.tables import START_LENGTH, TEXT_LENGTH, WorkitemRow

MOST_WORKITEMS = 20_000
"""Of one hospital, and most that one search looks at."""

FINISHED_KEPT = timedelta(days=30)
_PAGE = 500
_OVER = (State.COMPLETED.value, State.CANCELED.value)


class KeptWorkitems:
    """The workitems of a caller's hospitals; one who is a patient sees none. Each act leaves an audit entry.

    Every method raises NotPermitted where the caller lacks the permission.
    """

    def __init__(self, database: Database, caller: Caller, most: int = MOST_WORKITEMS) -> None:
        self._database = database
        self._caller = caller
        self._most = most

    def add(self, workitem: Workitem) -> None:
        """Keep a new workitem, of the caller's home."""
        self._caller.require_hospital_wide(Permission.WRITE_WORKITEMS)
        row = WorkitemRow(
            hospital_id=self._caller.home,
            workitem_uid=workitem.uid,
            created_by=self._caller.id,
            created_at=now(),
        )
        _fill(row, workitem)
        try:
            with self._database.write() as unit_of_work:
                self._check_room(unit_of_work.session)
                unit_of_work.session.add(row)
                unit_of_work.session.flush()
                self._enter(unit_of_work, workitem.uid, self._caller.home, "created")
        except IntegrityError:
            raise WorkitemRefused(Status.DUPLICATE) from None

    def find(self, uid: str) -> Workitem | None:
        """One workitem."""
        scope = self._caller.require_hospital_wide(Permission.READ_WORKITEMS)
        with self._database.write() as unit_of_work:
            row = unit_of_work.session.scalar(_one(scope, uid))
            if row is None:
                return None
            self._enter(unit_of_work, uid, row.hospital_id, "read")
            return _workitem(row)

    def change(self, uid: str, step: Callable[[Workitem], Workitem]) -> Workitem | None:
        """Put what `step` makes of a workitem in its place."""
        scope = self._caller.require_hospital_wide(Permission.WRITE_WORKITEMS)
        with self._database.write() as unit_of_work:
            row = unit_of_work.session.scalar(_one(scope, uid).with_for_update())
            if row is None:
                return None
            changed = step(_workitem(row))
            _fill(row, changed)
            self._enter(unit_of_work, uid, row.hospital_id, changed.state.value.lower())
            return changed

    def search(self, search: Search) -> Matches:
        """One page of workitems."""
        scope = self._caller.require_hospital_wide(Permission.READ_WORKITEMS)
        with self._database.read() as session:
            page: list[JsonObject] = []
            matched = 0
            for attributes in self._candidates(session, scope, search):
                if object_matches(search.keys, attributes, fuzzy_names=search.fuzzy_names):
                    matched += 1
                    if search.offset < matched <= search.offset + search.limit:
                        page.append(attributes)
        with self._database.write() as unit_of_work:
            detail = {"matches": len(page), "offset": search.offset}
            audit(unit_of_work.session, self._caller, Action.QUERIED, subject="workitems", detail=detail)
        return Matches(page, max(matched - search.offset - len(page), 0))

    def _candidates(self, session: Session, scope: Scope, search: Search) -> Iterator[JsonObject]:
        query = (
            select(WorkitemRow.attributes)
            .where(*conditions(scope, search.keys))
            .order_by(WorkitemRow.starts_at, WorkitemRow.workitem_uid)
            .limit(self._most + 1)
        )
        with closing(session.scalars(query.execution_options(yield_per=_PAGE))) as rows:
            for number, attributes in enumerate(rows, 1):
                if number > self._most:
                    raise TooManyWorkitems(f"more than {self._most} workitems would have to be looked at")
                yield attributes

    def _check_room(self, session: Session) -> None:
        kept = session.scalar(select(func.count()).where(WorkitemRow.hospital_id == self._caller.home)) or 0
        if kept >= self._most:
            raise TooManyWorkitems(f"{self._most} workitems are kept already; finished ones leave with time")

    def _enter(self, unit_of_work: UnitOfWork, uid: str, hospital: str, act: str) -> None:
        audit(
            unit_of_work.session, self._caller, Action.PROCEDURE_RECORD,
            subject=f"workitem/{uid}", hospital=hospital, detail={"act": act},
        )  # fmt: skip


def forget_finished(unit_of_work: UnitOfWork) -> None:
    """Remove workitems that have been completed or canceled for long."""
    over = delete(WorkitemRow).where(WorkitemRow.state.in_(_OVER), WorkitemRow.changed_at < now() - FINISHED_KEPT)
    unit_of_work.session.execute(over)


def _one(scope: Scope, uid: str) -> Select[WorkitemRow]:
    query = select(WorkitemRow).where(WorkitemRow.workitem_uid == uid)
    return query if scope.hospitals is None else query.where(WorkitemRow.hospital_id.in_(sorted(scope.hospitals)))


def _workitem(row: WorkitemRow) -> Workitem:
    return Workitem(row.workitem_uid, row.attributes, row.transaction_uid)


def _fill(row: WorkitemRow, workitem: Workitem) -> None:
    row.state = workitem.state.value
    row.transaction_uid = workitem.transaction_uid
    row.starts_at = workitem.start[:START_LENGTH]
    row.patient_id = _first(workitem.attributes, PATIENT_ID)[:TEXT_LENGTH]
    row.attributes = workitem.attributes
    row.changed_at = now()


def _first(attributes: JsonObject, tag: str) -> str:
    values = values_of(attributes, tag)
    return str(values[0]) if values and values[0] is not None else ""
