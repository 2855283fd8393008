"""One photo becomes its object: read, cleaned, placed, made; every value from the photo and what is said of it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.commands.converting.leads import Leads
from gateway.commands.converting.placing import Own, Placed, Placing
from gateway.commands.converting.planning import Task
from gateway.commands.converting.reading import digest_of, read_photo
from gateway.commands.converting.terms import Terms
from gateway.conversion.clean import clean_picture
from gateway.conversion.facts import SopClass
from gateway.conversion.part10 import DicomObject
from gateway.conversion.photo import choose_sop_class, photo_to_dicom
from gateway.conversion.picture import CleanPicture
from gateway.intake.facts import device_facts

if TYPE_CHECKING:
    from gateway.conversion.video.job import Still


@dataclass(frozen=True, slots=True)
class MadeObject:
    """A file's object, its place, and what of it can be judged: the picture, or frames of the video."""

    placed: Placed
    dicom: DicomObject
    picture: CleanPicture | None = field(default=None, repr=False)
    stills: "tuple[Still, ...]" = ()


class Maker:
    """Makes objects of photos."""

    def __init__(self, terms: Terms, leads: Leads) -> None:
        self._terms = terms
        self._leads = leads
        self._placing = Placing(terms.site, terms.software_version)

    def make(self, task: Task) -> MadeObject:
        """The object of one photo. Raises ConversionError, OSError."""
        photo, changed_at = read_photo(task.path, self._terms.intake.max_bytes)
        picture = clean_picture(photo, max_pixels=self._terms.intake.max_pixels)
        taken = picture.exif.taken
        moment = None if taken is None else taken.at(self._terms.site.zone)
        own = Own.of(digest_of(photo), moment, changed_at)
        lead = self._leads.known(task.path, own) if task.path == task.lead else self._leads.of(task.lead)
        sop_class = self._sop_class(task, picture)
        placed = self._placing.place(task, own, lead, sop_class)
        return MadeObject(placed, photo_to_dicom(picture, placed.facts, sop_class), picture)

    def _sop_class(self, task: Task, picture: CleanPicture) -> SopClass:
        return choose_sop_class(
            task.fields.kind,
            device_facts(task.fields),
            picture.exif,
            secondary_capture=self._terms.intake.store_as == "secondary_capture",
            frames=picture.frames,
        )
