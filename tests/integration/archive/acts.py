"""What the tests do with an archive, and for whom."""

from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset
from sqlalchemy import func, select

from dicomweb.archive import JsonObject, Level, Matches, Search, StoreOutcome
from gateway.access.caller import Caller, Role
from gateway.access.tables import AuditRow
from gateway.archive.indexing import Origin, Sender
from gateway.archive.service import ArchiveService
from gateway.database import Base, Database
from tests.unit.archive.samples import part10, set_unchecked

STOW = Sender(Origin.STOW, "test")


def administrator_of(*hospitals: str) -> Caller:
    return Caller(id=f"admin-{hospitals}", roles=frozenset({Role.ADMINISTRATOR}), hospitals=frozenset(hospitals))


HERE = administrator_of("here")
THERE = administrator_of("there")
EVERYWHERE = Caller(id="all", roles=frozenset({Role.ADMINISTRATOR}), hospitals=None)


def store(archive: ArchiveService, *objects: Dataset | bytes, caller: Caller = HERE) -> Sequence[StoreOutcome]:
    session = archive.begin_store(caller, None)
    for one in objects:
        session.write(part10(one) if isinstance(one, Dataset) else one)
        session.end_part()
    return session.commit()


def search(
    archive: ArchiveService,
    level: Level = Level.STUDY,
    *,
    caller: Caller = HERE,
    include: frozenset[int] | None = frozenset(),
    limit: int = 100,
    offset: int = 0,
    **keys: Any,
) -> Matches:
    wanted = Dataset()
    for keyword, value in keys.items():
        set_unchecked(wanted, keyword, value)
    return archive.for_caller(caller).search(Search(level, wanted, include, limit, offset))


def values(items: Sequence[JsonObject], tag: str) -> list[Any]:
    return [item[tag]["Value"][0] for item in items]


def count(database: Database, row_class: type[Base]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(row_class)) or 0


def last_audit(database: Database) -> AuditRow:
    with database.read() as session:
        row = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).one()
        session.expunge(row)
        return row
