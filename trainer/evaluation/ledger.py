"""How often a set of photos was looked at: every look at a test set wears it out a little.

One JSON line a look: `at`, `photos` (SHA-256 over the photos' hashes), `n`, `models`. Appended in one write, so that
looks at the same time are all counted.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from trainer.errors import BadData
from trainer.photos.photo import LabelledPhoto

MAX_BYTES = 16 * 1024 * 1024


def photos_key(photos: Sequence[LabelledPhoto]) -> str:
    """The same for the same pictures in any order, whatever they are called."""
    digests = sorted({photo.sha256 for photo in photos})
    return hashlib.sha256("\n".join(digests).encode("ascii")).hexdigest()


def look(ledger: Path, photos: Sequence[LabelledPhoto], models: Sequence[str], at: datetime) -> int:
    """Note one more look at these photos; give how many there were, this one included. Raises BadData."""
    key = photos_key(photos)
    line = json.dumps({"at": at.isoformat(), "photos": key, "n": len(photos), "models": list(models)})
    try:
        ledger.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(file, f"\n{line}\n".encode())  # the first break ends a line that was torn
        finally:
            os.close(file)
        return sum(entry.get("photos") == key for entry in _entries(ledger))
    except OSError as error:
        raise BadData(f"{ledger.name}: the look cannot be noted: {error.strerror}") from error


def _entries(ledger: Path) -> list[dict[str, Any]]:
    if ledger.stat().st_size > MAX_BYTES:
        raise BadData(f"{ledger.name} has more than {MAX_BYTES} bytes")
    lines = ledger.read_text(encoding="utf-8", errors="replace").splitlines()
    return [entry for entry in map(_entry, lines) if isinstance(entry, dict)]


def _entry(line: str) -> object:
    """A line's content; a torn one, of a disk that was full, counts for nothing."""
    try:
        return json.loads(line)
    except ValueError:
        return None
