"""Audit entries of reads, written to a file before the answer is given and moved to the trail each second.

```
<folder>/<32 hex digits>.reads    one line an entry, JSON; appended to, never changed
```

What `write` has taken survives the process however it dies: the next start moves what is left of dead processes. Only
a machine that loses its power may lose the last second's reads; stores, changes and deletions are entered in their own
synced transactions. A file is held by flock as long as its process lives. Each entry comes into the trail once: the
transaction that inserts entries also notes up to which byte of the file they were.
"""

import fcntl
import logging
import os
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import delete, insert, select, update

from dicomweb.at_once import TakesLongerError
from gateway.access.audit import Action, Outcome
from gateway.access.caller import Caller
from gateway.access.tables import AuditRow
from gateway.archive.folder_lock import held
from gateway.archive.read_audit import SyncedReads
from gateway.database import Database, UnitOfWork, now
from gateway.events.tables import SequenceRow
from gateway.inserting import insert_rows
from inference.durable import sync_folder

logger = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
_SUFFIX = ".reads"
_PIECE_BYTES = 1024 * 1024
_LONGEST_FILE_BYTES = 16 * 1024 * 1024
_JOIN_SECONDS = 30.0


def recover(database: Database, folder: Path) -> None:
    """Move what processes that died left in their journals, and remove those; files of living ones are passed by."""
    if folder.is_dir():
        with held(folder):
            for path in sorted(folder.glob(f"*{_SUFFIX}")):
                _take_over(database, path)


class JournaledReads:
    """Reads are in this process's journal when `enter` returns; safe for use by many threads.

    `start` and `close` around its thread.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._synced = SyncedReads(database)
        self._moving = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="read-journal", daemon=True)
        folder.mkdir(parents=True, exist_ok=True)
        self._journal = _Journal(folder)
        self._finished: list[_Journal] = []

    def enter(
        self,
        caller: Caller,
        action: Action,
        *,
        subject: str,
        outcome: Outcome = Outcome.SUCCESS,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Write one entry; into the trail itself where the file cannot be written."""
        line = orjson.dumps([now(), caller.id, caller.home, action, outcome, subject, detail or {}]) + b"\n"
        turns = self._database.short_turns
        if turns is not None and turns.at_end(lambda: self._append_in_turn(line)):
            return
        if not self._append(line):
            self._synced.enter(caller, action, subject=subject, outcome=outcome, detail=detail)

    def _append(self, line: bytes) -> bool:
        # The journal may just have made room for its successor.
        return self._journal.append(line) or self._journal.append(line)

    def _append_in_turn(self, line: bytes) -> None:
        """At the end of a short turn; what cannot be written to the file is entered by who begins anew."""
        if not self._append(line):
            raise TakesLongerError

    def move(self) -> None:
        """Move what is written into the trail; whoever reads the trail calls this before."""
        with self._moving:
            journal = self._journal
            journal.moved = _move(self._database, journal.path, journal.moved)
            if journal.moved >= _LONGEST_FILE_BYTES:
                self._journal = _Journal(self._folder)
                # Whoever was just appending to the old one has done so when its lock is free.
                journal.finish()
                self._finished.append(journal)
            self._work_off()

    def start(self) -> None:
        """Begin to move each second; once only."""
        self._thread.start()

    def close(self) -> None:
        """Move everything and remove the files; entries that come later go into the trail by themselves."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)
        with self._moving:
            self._journal.finish()
            self._finished.append(self._journal)
            try:
                self._work_off()
            except Exception:
                # The files stay, and the next start moves them.
                logger.exception("the last audit entries of reads are left to the next start")
                while self._finished:
                    self._finished.pop().release()

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_SECONDS):
            try:
                self.move()
            except Exception:
                logger.exception("audit entries of reads could not be moved; it is tried again")

    def _work_off(self) -> None:
        """Move and remove the journals that are finished; where that fails they are kept for the next time."""
        while self._finished:
            journal = self._finished[0]
            if not journal.is_moved:
                _move(self._database, journal.path, journal.moved)
                journal.is_moved = True
            _forget(self._database, journal.path)
            self._finished.pop(0).release()


class _Journal:
    """One file that is appended to."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{secrets.token_hex(8)}{_SUFFIX}"
        self.moved = 0
        self.is_moved = False
        """Whether it is finished and all of it is in the trail: its file may be gone."""
        self._lock = threading.Lock()
        self._whole = True
        self._finished = False
        # Under the lock of the folder, so that no recovery finds the file made but not yet held.
        with held(folder):
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def append(self, line: bytes) -> bool:
        """Append one line; False where it is not in the file whole: it is finished, or the disk is full."""
        with self._lock:
            if self._finished:
                return False
            text = line if self._whole else b"\n" + line
            try:
                self._whole = os.write(self._descriptor, text) == len(text)
            except OSError:
                self._whole = False
            return self._whole

    def finish(self) -> None:
        """Let nothing more be written."""
        with self._lock:
            self._finished = True

    def release(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


def _take_over(database: Database, path: Path) -> None:
    with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _move(database, path, 0)
        _forget(database, path)


def _move(database: Database, path: Path, known: int) -> int:
    """Insert the lines behind what was moved, a piece at a time; returns up to which byte of the file that was.

    `known` is a lower bound of that, so that an idle second asks no database.
    """
    while path.stat().st_size > known:
        with database.write() as unit_of_work:
            begin = _noted(unit_of_work, path)
            lines, end = _read(path, begin)
            if end == begin:
                return begin
            _insert(unit_of_work, lines)
            _note(unit_of_work, path, end, is_first=begin == 0)
        known = end
    return known


def _read(path: Path, begin: int) -> tuple[list[bytes], int]:
    """Whole lines from `begin` on, a piece at most, and where they end."""
    with path.open("rb") as file:
        file.seek(begin)
        piece = file.read(_PIECE_BYTES)
    end = piece.rfind(b"\n") + 1
    return piece[:end].splitlines(), begin + end


def _insert(unit_of_work: UnitOfWork, lines: Sequence[bytes]) -> None:
    rows = [row for row in map(_row, lines) if row is not None]
    insert_rows(unit_of_work.reader, AuditRow.__tablename__, rows)


def _row(line: bytes) -> dict[str, Any] | None:
    """The entry of a line; None for what a power failure or a full disk left of one."""
    try:
        at, caller_id, hospital, action, outcome, subject, detail = orjson.loads(line)
        moment = datetime.fromisoformat(at)
    except (ValueError, TypeError):
        if line:
            logger.warning("a damaged line of a journal of reads is left out")
        return None
    return {
        "at": moment, "caller_id": caller_id, "hospital_id": hospital, "action": action, "outcome": outcome,
        "subject": subject, "detail": detail,
    }  # fmt: skip


def _name(path: Path) -> str:
    return f"reads:{path.stem}"


def _noted(unit_of_work: UnitOfWork, path: Path) -> int:
    # Locked, so that of two who move the same file the second goes on where the first ended.
    query = select(SequenceRow.last_number).where(SequenceRow.name == _name(path)).with_for_update()
    return unit_of_work.session.scalar(query) or 0


def _note(unit_of_work: UnitOfWork, path: Path, end: int, *, is_first: bool) -> None:
    if is_first:
        unit_of_work.session.execute(insert(SequenceRow).values(name=_name(path), last_number=end))
    else:
        where = SequenceRow.name == _name(path)
        unit_of_work.session.execute(update(SequenceRow).where(where).values(last_number=end))


def _forget(database: Database, path: Path) -> None:
    """Remove a file that was moved whole; what was noted of it goes only when the file is durably gone."""
    path.unlink(missing_ok=True)  # it may have been removed before, and what was noted not
    sync_folder(path.parent)
    with database.write() as unit_of_work:
        unit_of_work.session.execute(delete(SequenceRow).where(SequenceRow.name == _name(path)))
