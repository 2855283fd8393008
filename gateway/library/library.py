"""The disease library's moving parts, joined."""

from dataclasses import dataclass
from typing import Self

from gateway.archive.storage import ObjectStorage
from gateway.config import Settings
from gateway.database import Database
from gateway.library.cases.collecting import Collecting, PhotosOfCase
from gateway.library.cases.looking import CaseLibrary
from gateway.library.resemblance.answering import Illustrating
from gateway.library.resemblance.embedding import LibraryEmbedder
from gateway.library.resemblance.index import ResemblanceIndex
from gateway.library.resemblance.room import Room
from gateway.library.worker import LibraryWorker
from gateway.serving.models import ServedModels
from gateway.serving.shadow import ShadowJudge


@dataclass(frozen=True, slots=True)
class Library:
    """What keeps reference cases and compares photos with them."""

    cases: CaseLibrary
    collecting: Collecting
    embedder: LibraryEmbedder
    index: ResemblanceIndex
    illustrating: Illustrating
    worker: LibraryWorker

    @classmethod
    def build(
        cls,
        database: Database,
        storage: ObjectStorage,
        photos: PhotosOfCase,
        judges: tuple[ServedModels, ShadowJudge],
        settings: Settings,
    ) -> Self:
        """Over these parts; nothing runs before `start`."""
        models, shadow = judges
        collecting = Collecting(database, storage, photos, from_opinions=settings.library.from_opinions)
        embedder = LibraryEmbedder(
            database,
            storage,
            models,
            max_pixels=settings.intake.max_pixels,
            is_busy=lambda: shadow.is_judging,
        )
        index = ResemblanceIndex(database, models, Room())
        worker = LibraryWorker([collecting.work_once, embedder.work_once, index.follow])
        return cls(CaseLibrary(database, storage), collecting, embedder, index, Illustrating(index), worker)

    def start(self) -> None:
        """Begin to keep the library current."""
        self.embedder.begin()
        self.worker.start()

    def stop(self) -> None:
        """End; what was begun is finished first."""
        self.worker.stop()
