"""The quarantine as a file: which photos wait, and why; written anew at each look, nothing in it is lost."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from trainer.fitting.durable import write_text
from trainer.loop.votes import Held

QUARANTINE_NAME = "quarantine.csv"


def write_quarantine(held: Sequence[Held], folder: Path) -> None:
    """Write `quarantine.csv`, a photo a line: photo, label, why (a code), words."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("photo", "label", "why", "words"))
    writer.writerows((one.photo_id, one.label, one.why.value, one.words) for one in held)
    write_text(folder / QUARANTINE_NAME, text.getvalue())


def quarantine_words(held: Sequence[Held]) -> str:
    """How many wait, by why."""
    counts = Counter(one.why.value for one in held)
    return ", ".join(f"{count} {why}" for why, count in sorted(counts.items())) or "none"
