"""What is read of the archive on the loop's thread, and what is too much for it."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from dicomweb import at_once
from dicomweb.archive import Archive, Level, Search
from dicomweb.at_once import FEW, FEW_MATCHES, ShortWay, is_short
from gateway import short_reading
from gateway.access.caller import Caller, Role
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.service import ArchiveService
from gateway.database import Database
from tests.integration.archive.acts import EVERYWHERE, HERE, THERE, store
from tests.unit.archive.samples import photo

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is given up because the machine is busy."""
    for module in (at_once, short_reading):
        monkeypatch.setattr(module, "LONGEST_SECONDS", 10.0)


@pytest.fixture
def archive(sqlite: Database, storage: FolderStorage) -> ArchiveService:
    """An archive on the only database that has short turns."""
    return ArchiveService(sqlite, storage)


def _on_the_loop(database: Database, read: Callable[[], T]) -> tuple[T, bool]:
    """What is read, and whether it was on the loop."""
    assert database.short_turns is not None
    way = ShortWay(database.short_turns.turn)
    return asyncio.run(way.run(lambda: (read(), is_short())))


def _is_read_on_the_loop(database: Database, read: Callable[[], object]) -> bool:
    return _on_the_loop(database, read)[1]


def _metadata(mine: Archive, study: str) -> Callable[[], object]:
    return lambda: list(mine.metadata(mine.find(study)))


def test_a_header_as_photos_have_it_is_read_on_the_loop(archive: ArchiveService, sqlite: Database) -> None:
    ds = photo()
    store(archive, ds)
    assert _is_read_on_the_loop(sqlite, _metadata(archive.for_caller(HERE), ds.StudyInstanceUID))


def test_a_long_header_is_not_even_unpacked_there(archive: ArchiveService, sqlite: Database) -> None:
    ds = photo(ImageComments="a" * 60_000, PatientComments="a" * 60_000)  # some hundred bytes when it is packed
    store(archive, ds)
    assert not _is_read_on_the_loop(sqlite, _metadata(archive.for_caller(HERE), ds.StudyInstanceUID))


def test_the_places_of_thousands_of_frames_are_not_read_there(archive: ArchiveService, sqlite: Database) -> None:
    ds = photo()
    ds.NumberOfFrames = 10_000
    ds.PixelData = encapsulate([b"\xff\xd8"] * 10_000)
    store(archive, ds)
    mine = archive.for_caller(HERE)
    assert len(mine.frames(mine.find(ds.StudyInstanceUID)[0])) == 10_000
    assert not _is_read_on_the_loop(sqlite, lambda: mine.frames(mine.find(ds.StudyInstanceUID)[0]))


def test_a_large_study_is_not_looked_through_there(archive: ArchiveService, sqlite: Database) -> None:
    few = [photo(StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.1") for _ in range(FEW)]
    store(archive, *few)
    mine = archive.for_caller(HERE)
    assert _is_read_on_the_loop(sqlite, lambda: mine.find("1.2.3"))
    store(archive, photo(StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.1"))
    assert not _is_read_on_the_loop(sqlite, lambda: mine.find("1.2.3"))


def test_a_page_as_viewers_ask_for_it_is_made_there_and_a_long_one_is_not(
    archive: ArchiveService, sqlite: Database
) -> None:
    store(archive, *(photo() for _ in range(FEW_MATCHES + 1)))
    mine = archive.for_caller(HERE)
    for limit, is_made_there in ((FEW_MATCHES, True), (FEW_MATCHES + 1, False)):
        search = Search(Level.STUDY, Dataset(), limit=limit)
        matches, was_short = _on_the_loop(sqlite, partial(mine.search, search))
        assert (len(matches.items), was_short) == (limit, is_made_there)


def test_who_may_see_nothing_of_it_finds_nothing_there_either(archive: ArchiveService, sqlite: Database) -> None:
    ds = photo(PatientID="theirs")
    store(archive, ds)
    uids = (ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID)
    of_a_patient = Caller(id="p", roles=frozenset({Role.ADMINISTRATOR}), hospitals=None, patient="another")
    for caller in (THERE, of_a_patient):
        theirs = archive.for_caller(caller)
        assert _on_the_loop(sqlite, partial(theirs.find, *uids)) == ([], True)
        matches, was_short = _on_the_loop(sqlite, partial(theirs.search, Search(Level.STUDY, Dataset())))
        assert was_short
        assert (matches.items, matches.remaining) == ([], 0)
    assert _on_the_loop(sqlite, lambda: len(archive.for_caller(EVERYWHERE).find(*uids))) == (1, True)
