"""A clean picture and what is known of it become a DICOM object.

Which modules an object has is a table by SOP class (PS3.3 A.32.4 VL Photographic, A.32.11 Dermoscopic
Photography, A.8.1 Secondary Capture, A.8.5 Multi-frame True Color Secondary Capture); the modules themselves
stand in `context_modules`, `image_modules` and `multi_frame_modules`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from gateway.conversion.clock import Clock
from gateway.conversion.context_modules import clock_of, context_modules
from gateway.conversion.dataset import Values, dataset_of
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.exif_facts import ExifFacts
from gateway.conversion.facts import DeviceFacts, Kind, ObjectFacts, SopClass
from gateway.conversion.image_modules import (
    anatomy_module,
    dermoscopic_module,
    general_image_module,
    multi_frame_module,
    pixel_module,
    secondary_capture_module,
    vl_module,
)
from gateway.conversion.part10 import DicomObject, dicom_object
from gateway.conversion.picture import CleanPicture
from gateway.conversion.stored_pixels import stored_pixels
from gateway.conversion.text import single_line

_LO: Final = 64
_OF_THE_CAMERA: Final = frozenset({"LensSpecification", "LensMake", "LensModel", "LensSerialNumber"})
"""What EXIF says of the camera itself (PS3.3 C.8.12.9); all else is of how the picture was taken (C.8.12.10)."""


def device_of(device: DeviceFacts, exif: ExifFacts) -> DeviceFacts:
    """The camera: what was said of it, and what EXIF says where nothing was; each text fit for LO.

    Maker, model, serial number and software of two different cameras are never mixed: as soon as a maker or a
    model was said that EXIF does not confirm, EXIF adds nothing. Letter case does not count.
    """
    said = DeviceFacts(
        *(single_line(text, _LO) for text in (device.maker, device.model, device.serial, device.software))
    )
    if _is_other(said, exif):
        return said
    return DeviceFacts(
        said.maker or exif.maker, said.model or exif.model, said.serial or exif.serial, said.software or exif.software
    )


def _as_of(device: DeviceFacts, picture: CleanPicture) -> CleanPicture:
    """The picture without what EXIF says of a camera that is not `device`."""
    if not _is_other(device, picture.exif):
        return picture
    kept = tuple((keyword, value) for keyword, value in picture.exif.attributes if keyword not in _OF_THE_CAMERA)
    return replace(picture, exif=replace(picture.exif, attributes=kept))


def _without_serials(picture: CleanPicture, sop_class: SopClass) -> CleanPicture:
    """The picture without the numbers that tell one camera, and one lens, from all others."""
    exif = picture.exif
    kept = tuple((keyword, value) for keyword, value in exif.attributes if keyword != "LensSerialNumber")
    serial = exif.serial if sop_class is SopClass.DERMOSCOPIC else ""
    return replace(picture, exif=replace(exif, serial=serial, attributes=kept))


def _is_other(said: DeviceFacts, exif: ExifFacts) -> bool:
    pairs = ((said.maker, exif.maker), (said.model, exif.model))
    return any(said and said.casefold() != written.casefold() for said, written in pairs)


def choose_sop_class(
    kind: Kind, device: DeviceFacts, exif: ExifFacts, *, secondary_capture: bool = False, frames: int = 1
) -> SopClass:
    """The class a photo is stored as; asked before the SOP Instance UID is derived, which depends on it.

    Multi-frame True Color Secondary Capture for several frames, which no other class holds; else Secondary Capture
    on request; Dermoscopic Photography for a dermoscopic photo whose device is fully known
    (Enhanced General Equipment wants maker, model, serial number and software); VL Photographic otherwise.
    """
    if frames > 1:
        return SopClass.MULTI_FRAME_TRUE_COLOR_SC
    if secondary_capture:
        return SopClass.SECONDARY_CAPTURE
    is_dermoscopic = kind == "dermoscopic" and _is_complete(device_of(device, exif))
    return SopClass.DERMOSCOPIC if is_dermoscopic else SopClass.VL_PHOTOGRAPHIC


def photo_to_dicom(picture: CleanPicture, facts: ObjectFacts, sop_class: SopClass) -> DicomObject:
    """The DICOM object of one photo; the same picture and facts always give the same bytes.

    Raises InvalidFactsError where an identifier does not fit its attribute, a body site is unknown, the
    Dermoscopic class is asked for without its equipment facts, or a class cannot hold the picture's frames.
    """
    is_multi_frame = sop_class is SopClass.MULTI_FRAME_TRUE_COLOR_SC
    if sop_class not in _OWN_MODULES or is_multi_frame is not (picture.frames > 1):
        raise InvalidFactsError("sop_class", "does not hold such a picture")
    if not facts.keeps_serials:
        picture = _without_serials(picture, sop_class)
    device = device_of(facts.device, picture.exif)
    if sop_class is SopClass.DERMOSCOPIC and not _is_complete(device):
        raise InvalidFactsError("device", "a dermoscopic object needs maker, model, serial number and software")
    picture = _as_of(device, picture)
    clock = clock_of(facts)
    stored = stored_pixels(picture, sop_class)
    header = dataset_of(
        *context_modules(facts, sop_class, device, clock),
        general_image_module(picture, facts, clock),
        pixel_module(picture, stored, facts.photo),
        anatomy_module(facts.photo, facts.site.institution),
        *(module(picture, facts, clock) for module in _OWN_MODULES[sop_class]),
    )
    return dicom_object(header, stored.data)


def _is_complete(device: DeviceFacts) -> bool:
    return all((device.maker, device.model, device.serial, device.software))


_Module = Callable[[CleanPicture, ObjectFacts, Clock], Values]

_OWN_MODULES: Final[Mapping[SopClass, tuple[_Module, ...]]] = {
    SopClass.VL_PHOTOGRAPHIC: (vl_module,),
    SopClass.DERMOSCOPIC: (vl_module, dermoscopic_module),
    SopClass.SECONDARY_CAPTURE: (secondary_capture_module,),
    SopClass.MULTI_FRAME_TRUE_COLOR_SC: (secondary_capture_module, multi_frame_module),
}
"""What each class has beside the modules that all of them have."""
