"""Pictures of reference cases as objects of the storage: written before the transaction that names them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from gateway.archive.settled import kept_if_named
from gateway.archive.storage import Kind, ObjectStorage
from gateway.database import Database
from gateway.library.cases.keeping import KeptPicture, library_keys

KINDS = {"image/jpeg": Kind.JPEG, "image/png": Kind.PNG}
"""As what a picture is kept."""


@dataclass(frozen=True, slots=True)
class PictureBytes:
    """A whole picture, cleaned of what identifies its owner: `image/jpeg` or `image/png`."""

    data: bytes
    media_type: str


@contextmanager
def written(
    database: Database, storage: ObjectStorage, pictures: Sequence[PictureBytes]
) -> Iterator[list[KeptPicture]]:
    """The pictures as durable objects; they stay where the block's transaction names them, and go where it does not.

    Raises StorageError.
    """
    with ExitStack() as opened:
        kept = []
        for picture in pictures:
            pending = storage.begin(KINDS[picture.media_type])
            opened.enter_context(kept_if_named(pending, database, library_keys))
            pending.write(picture.data)
            pending.finish()
            kept.append(KeptPicture(pending.key, picture.media_type))
        yield kept


def read_picture(storage: ObjectStorage, key: str, media_type: str) -> PictureBytes:
    """A picture of the library; raises UnknownObject."""
    with storage.open(key) as stream:
        return PictureBytes(stream.read(), media_type)
