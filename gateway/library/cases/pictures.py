"""Pictures of reference cases as objects of the storage: written before the transaction that names them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.archive.settled import kept_if_named
from gateway.archive.storage import Kind, ObjectStorage
from gateway.database import Database
from gateway.library.cases.keeping import KeptPicture, library_keys

KINDS = {"image/jpeg": Kind.JPEG, "image/png": Kind.PNG}
"""As what a picture is kept."""
VIDEO_TYPE = "video/mp4"
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PictureBytes:
    """A whole picture, cleaned of what identifies its owner: `image/jpeg` or `image/png`.

    Of a video it is a frame, and `video` a file of the clean video (MP4).
    """

    data: bytes
    media_type: str
    video: Path | None = None


@contextmanager
def written(
    database: Database, storage: ObjectStorage, pictures: Sequence[PictureBytes]
) -> Iterator[list[KeptPicture]]:
    """The pictures as durable objects; they stay where the block's transaction names them, and go where it does not.

    Raises StorageError.
    """
    with ExitStack() as opened:

        def durable(kind: Kind, chunks: Iterable[bytes]) -> str:
            pending = storage.begin(kind)
            opened.enter_context(kept_if_named(pending, database, library_keys))
            for chunk in chunks:
                pending.write(chunk)
            pending.finish()
            return pending.key

        kept = []
        for picture in pictures:
            video_key = None if picture.video is None else durable(Kind.VIDEO, _chunks(picture.video))
            key = durable(KINDS[picture.media_type], [picture.data])
            kept.append(KeptPicture(key, picture.media_type, video_key))
        yield kept


def read_picture(storage: ObjectStorage, key: str, media_type: str) -> PictureBytes:
    """A picture of the library; raises UnknownObject."""
    with storage.open(key) as stream:
        return PictureBytes(stream.read(), media_type)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk
