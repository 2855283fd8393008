"""Switches of the models that serve, told as events: each once, however many gateways share the database and the store.

The store's history is the truth: every promotion and every way back is a line there. How many lines were told stands in
the database and moves in the transaction of the events, so that who comes second finds it done.
"""

import logging

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.database import Database, UnitOfWork
from gateway.events.log import EVERYWHERE, EventType, record
from gateway.serving.tables import ModelSwitchRow
from inference.errors import StoreError
from inference.history import Action, Change
from inference.manifest import Task
from inference.store import TASKS, ModelStore

logger = logging.getLogger(__name__)

_SWITCHES = frozenset({Action.PROMOTED, Action.ROLLED_BACK})


class SwitchTeller:
    """Tells of the switches in a store. One thread looks at a time; a look without news reads two small files."""

    def __init__(self, database: Database, store: ModelStore) -> None:
        self._database = database
        self._store = store
        self._seen: dict[Task, int] = {}

    def look(self) -> None:
        """Tell what was not told yet. What was there when a database first sees a store is told nowhere."""
        for task in TASKS:
            try:
                changes = self._store.history(task)
                serving = self._store.serving(task) if changes else 0
            except StoreError:  # whoever loads says so
                continue
            told = _up_to_what_serves(changes, serving)
            if self._seen.get(task) != told:
                self._tell(task, changes, told)
                self._seen[task] = told

    def _tell(self, task: Task, changes: list[Change], count: int) -> None:
        with self._database.write() as unit_of_work:
            before = _moved(unit_of_work, task, count, len(changes))
            for change in changes[before:count]:
                if change.action in _SWITCHES:
                    data = {"task": task, "version": change.version, "how": change.action.value}
                    subject = f"model/{task}/{change.version}"
                    record(unit_of_work, EventType.MODEL_PROMOTED, hospital=EVERYWHERE, subject=subject, data=data)


def _up_to_what_serves(changes: list[Change], serving: int) -> int:
    """How many lines count: a last switch is written before it is made, and may have been cut short in between."""
    switches = [place for place, change in enumerate(changes) if change.action in _SWITCHES]
    if switches and changes[switches[-1]].version != serving:
        return switches[-1]
    return len(changes)


def _moved(unit_of_work: UnitOfWork, task: Task, lines: int, there: int) -> int:
    """Note that so many lines are told of those that are there; how many were before, all where nobody had looked yet.

    It goes back only where more were told than are there, which is another store: who looked in the middle of a switch
    would tell it again.
    """
    session = unit_of_work.session
    told = session.scalar(select(ModelSwitchRow.told).where(ModelSwitchRow.task == task).with_for_update())
    if told is None:
        return _begun(session, task, lines)
    if lines <= told <= there:
        return told
    moved = update(ModelSwitchRow).where(ModelSwitchRow.task == task).values(told=lines)
    session.execute(moved, execution_options={"synchronize_session": False})
    return min(told, lines)


def _begun(session: Session, task: Task, lines: int) -> int:
    try:
        with session.begin_nested():
            session.add(ModelSwitchRow(task=task, told=lines))
    except IntegrityError:  # another process was quicker, and has told what there was
        logger.debug("another process looks after the switches of %s", task)
    return lines
