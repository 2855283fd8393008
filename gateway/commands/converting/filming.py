"""One video becomes its object, as `making` does it for a photo.

Imported only where there is a video. FFmpeg sees it in a process of its own, with bounds of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from io import FileIO
from pathlib import Path

from gateway.commands.converting.bounds import FILM_SECONDS
from gateway.commands.converting.leads import Leads
from gateway.commands.converting.making import MadeObject
from gateway.commands.converting.placing import Own, Placing
from gateway.commands.converting.planning import Task
from gateway.commands.converting.reading import digest_of_file, opened_file
from gateway.commands.converting.terms import Terms
from gateway.conversion.facts import SopClass
from gateway.conversion.video.running import CleanVideo, clean_video
from gateway.conversion.video.to_dicom import video_to_dicom
from gateway.intake.wishes import video_wishes


class Filming:
    """Makes objects of videos, working in `folder`; `stopping` says that nobody waits for them any longer."""

    def __init__(self, terms: Terms, leads: Leads, folder: Path, stopping: Callable[[], bool]) -> None:
        self._terms = terms
        self._leads = leads
        self._folder = folder
        self._stopping = stopping
        self._placing = Placing(terms.site, terms.software_version)

    @contextmanager
    def make(self, task: Task) -> Iterator[MadeObject]:
        """The object of one video, to be written within the block.

        Raises ConversionError, VideoWorkFailed, OSError, WorkGivenUp.
        """
        with opened_file(task.path, self._terms.intake.max_video_bytes) as (source, changed_at):
            digest = digest_of_file(source)
            with self._cleaned(source) as video:
                own = Own.of(digest, self._taken(video), changed_at)
                lead = self._lead(task, own, changed_at)
                placed = self._placing.place(task, own, lead, SopClass.VIDEO_PHOTOGRAPHIC)
                with video_to_dicom(video, placed.facts) as dicom:
                    yield MadeObject(placed, dicom, stills=video.stills)

    def _cleaned(self, source: FileIO) -> AbstractContextManager[CleanVideo]:
        wishes = video_wishes(self._terms.intake)
        return clean_video(source, wishes, self._folder, seconds=FILM_SECONDS, stopping=self._stopping)

    def _taken(self, video: CleanVideo) -> datetime | None:
        taken = video.facts.exif.taken
        return None if taken is None else taken.at(self._terms.site.zone)

    def _lead(self, task: Task, own: Own, changed_at: datetime) -> Own:
        """What its case begins with; of several videos the others know no more of the first than its file says."""
        if task.alone:
            return own
        return Own.of(own.digest, None, changed_at) if task.path == task.lead else self._leads.of(task.lead)
