"""The files themselves: hashed and decoded once, several at a time."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from trainer.errors import BadData
from trainer.photos.claims import Claim, Seen
from trainer.photos.errors import BadLabels
from trainer.photos.perceptual import thumb
from trainer.photos.photo import LeftOut
from trainer.reading import read_picture

MAX_FILE_BYTES = 64 * 2**20
_AT_ONCE = 64


def look(claims: Iterable[Claim], *, workers: int | None = None) -> Iterator[Seen | LeftOut]:
    """Read, hash and decode each claim's file, in order; a picture that serving would refuse is left out.

    `workers` threads decode at the same time, as many as there are cores where None. Raises BadLabels for a file that
    cannot be read.
    """
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        batch: list[Claim] = []
        for claim in claims:
            batch.append(claim)
            if len(batch) == _AT_ONCE:
                yield from pool.map(_look, batch)
                batch = []
        yield from pool.map(_look, batch)


def _look(claim: Claim) -> Seen | LeftOut:
    try:
        with claim.path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadLabels(f"{claim.place}: {claim.name} cannot be read: {error.strerror}") from error
    if len(data) > MAX_FILE_BYTES:
        return LeftOut(claim.name, f"it has more than {MAX_FILE_BYTES} bytes")
    try:
        picture = read_picture(data, claim.name)
    except BadData as error:
        return LeftOut(claim.name, str(error).removeprefix(f"{claim.name}: "))
    return Seen(hashlib.sha256(data).hexdigest(), claim, thumb(picture.image))
