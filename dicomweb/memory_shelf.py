"""What an archive in memory holds, and the numbered log of how it came to that."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from dicomweb.archive import Change, ChangeKind, Changes, InstanceGoneError, StoredInstance
from dicomweb.memory_search import Entry


@dataclass(slots=True)
class Shelf:
    """Instances by SOP Instance UID; safe to use from many threads."""

    _entries: dict[str, Entry] = field(default_factory=dict)
    _changes: list[Change] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def sorted(self) -> list[Entry]:
        """Everything, by study, series and instance."""
        with self._lock:
            return sorted(self._entries.values(), key=lambda entry: entry.order)

    def get(self, sop_instance_uid: str) -> Entry:
        """One entry; raises InstanceGoneError."""
        entry = self._entries.get(sop_instance_uid)
        if entry is None:
            raise InstanceGoneError("the instance was deleted meanwhile")
        return entry

    def keep(self, entries: Sequence[Entry]) -> list[Entry]:
        """Put entries on the shelf in one step, unless there is one of that UID; returns what stands there now."""
        with self._lock:
            return [self._keep(entry) for entry in entries]

    def _keep(self, entry: Entry) -> Entry:
        known = self._entries.setdefault(entry.instance.sop_instance_uid, entry)
        if known is entry:
            self._note(ChangeKind.STORED, entry.instance)
        return known

    def remove(self, sop_instance_uids: Sequence[str]) -> int:
        """Take entries off the shelf; returns how many there were."""
        with self._lock:
            removed = [entry for uid in sop_instance_uids if (entry := self._entries.pop(uid, None))]
            for entry in removed:
                self._note(ChangeKind.DELETED, entry.instance)
            return len(removed)

    def changes(self, after: int, limit: int) -> Changes:
        """The log from behind a number on; numbers count from 1 without a gap."""
        with self._lock:
            items = self._changes[after : after + limit]
            total = len(self._changes)
        following = items[-1].number if items else after
        return Changes(items, following, more=following < total)

    def _note(self, kind: ChangeKind, instance: StoredInstance) -> None:
        change = Change(
            number=len(self._changes) + 1,
            at=datetime.now(UTC),
            kind=kind,
            study_instance_uid=instance.study_instance_uid,
            series_instance_uid=instance.series_instance_uid,
            sop_instance_uid=instance.sop_instance_uid,
            sha256=instance.sha256,
        )
        self._changes.append(change)
