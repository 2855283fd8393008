"""Audit entries of reads, entered before the answer is given.

`SyncedReads` waits for a transaction: what was read is in the trail also after the power failed. Entries that come
while one is being committed go together into the next, so readers share the cost of a commit. The other way, that of
`gateway.archive.read_journal`, costs a thousandth of it.
"""

import threading
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.access.audit import Action, Outcome, audit
from gateway.access.caller import Caller
from gateway.database import Database


@dataclass(slots=True)
class _Entry:
    caller: Caller
    action: Action
    subject: str
    outcome: Outcome
    detail: dict[str, Any]
    written: bool = False
    error: Exception | None = field(default=None)


class ReadAudit(Protocol):
    """Where reads are entered; safe for use by many threads."""

    def enter(
        self,
        caller: Caller,
        action: Action,
        *,
        subject: str,
        outcome: Outcome = Outcome.SUCCESS,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Enter one read; it must not be answered where this raises."""


class SyncedReads:
    """Reads are in the trail, and synced, when `enter` returns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Entry] = []
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def enter(
        self,
        caller: Caller,
        action: Action,
        *,
        subject: str,
        outcome: Outcome = Outcome.SUCCESS,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Write one entry; returns when it is durable, raises what its transaction raised."""
        entry = _Entry(caller, action, subject, outcome, detail or {})
        with self._lock:
            self._waiting.append(entry)
        with self._turn:
            if not entry.written:
                self._write_waiting()
        if entry.error is not None:
            raise entry.error

    def _write_waiting(self) -> None:
        with self._lock:
            entries, self._waiting = self._waiting, []
        try:
            with self._database.write() as unit_of_work:
                for entry in entries:
                    audit(
                        unit_of_work.session, entry.caller, entry.action,
                        subject=entry.subject, outcome=entry.outcome, detail=entry.detail,
                    )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - each of those who wait is told, in `enter`
            for entry in entries:
                entry.error = error
        for entry in entries:
            entry.written = True
