"""What the object says of its picture (PS3.3 C.7.6, C.8.6, C.8.12, C.11.15)."""

from datetime import datetime
from typing import Final, Protocol

from gateway.conversion.body_sites import UNSPECIFIED, BodySite, find_body_site
from gateway.conversion.clock import Clock
from gateway.conversion.coding_schemes import schemes_module
from gateway.conversion.context_modules import PRODUCT, gateway_version
from gateway.conversion.dataset import Values, checked_uid, code
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.exif_attributes import decimal_string
from gateway.conversion.exif_facts import ExifFacts
from gateway.conversion.facts import SPACINGS_MM, ObjectFacts, PhotoFacts
from gateway.conversion.lossy_history import lossy_attributes
from gateway.conversion.multi_frame_modules import frames_module
from gateway.conversion.picture import CleanPicture
from gateway.conversion.stored_pixels import StoredPixels
from gateway.conversion.text import paragraphs, single_line

_ST: Final = 1024
_LT: Final = 10240
_YES_NO: Final = {True: "YES", False: "NO"}


class Shown(Protocol):
    """A picture or a video, as far as its way here and its camera go."""

    @property
    def derived(self) -> bool:
        """Whether pixel values were computed anew."""

    @property
    def derivation(self) -> str:
        """What was done to it, "" for nothing."""

    @property
    def exif(self) -> ExifFacts:
        """What its camera wrote."""


def general_image_module(shown: Shown, facts: ObjectFacts, clock: Clock) -> Values:
    """General Image: the moment, the way it came about, the sender's words. PatientOrientation is unknown."""
    taken = _taken(shown, facts)
    return {
        "ImageType": ["DERIVED" if shown.derived else "ORIGINAL", "PRIMARY"],
        "PatientOrientation": [],
        "AcquisitionDateTime": None if taken is None else clock.date_time(taken),
        "AcquisitionDate": None if taken is None else clock.date(taken),
        "AcquisitionTime": None if taken is None else clock.time(taken),
        "ContentDate": None if taken is None else clock.date(taken),
        "ContentTime": None if taken is None else clock.time(taken),
        "DerivationDescription": paragraphs(shown.derivation, _ST) or None,
        "ImageComments": _comments(facts.photo) or None,
        "BurnedInAnnotation": _yes_no(facts.burned_in_annotation),
        "RecognizableVisualFeatures": _yes_no(facts.recognizable_features),
    }


def pixel_module(picture: CleanPicture, stored: StoredPixels, photo: PhotoFacts) -> Values:
    """Image Pixel without the pixels, the lossy history, and the ICC profile.

    Pixel Aspect Ratio is Type 1C: there where pixels are not square and no spacing says it already.
    """
    aspect = picture.pixel_aspect
    return {
        "SamplesPerPixel": stored.samples,
        "PhotometricInterpretation": stored.photometric_interpretation,
        "PlanarConfiguration": 0 if stored.samples == 3 else None,
        "Rows": picture.rows,
        "Columns": picture.columns,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "PixelAspectRatio": None if photo.pixel_spacing_mm or not aspect else [str(length) for length in aspect],
        **lossy_attributes(picture.lossy),
        "ICCProfile": _even(picture.color.icc_profile),
        "ColorSpace": picture.color.space,
    }


def anatomy_module(photo: PhotoFacts, institution: str) -> Values:
    """Where on the body, and how large there. ImageLaterality is always there: it settles Laterality (Type 2C).

    `institution` answers for a code of a scheme of its own.
    """
    site = _site(photo.body_site)
    return {
        "AnatomicRegionSequence": [code(site.code, site.scheme, site.meaning)],
        "BodyPartExamined": site.body_part or None,
        "ImageLaterality": photo.laterality or "U",
        "PixelSpacing": _spacing(photo),
        **schemes_module([site.scheme], institution),
    }


def vl_module(picture: CleanPicture, _facts: ObjectFacts, _clock: Clock) -> Values:
    """VL Image, VL Photographic Equipment and VL Photographic Acquisition."""
    exif = picture.exif
    return {
        "AcquisitionContextSequence": [],
        **dict(exif.attributes),
        "SubjectArea": list(exif.subject_area) or None,
    }


def dermoscopic_module(_picture: CleanPicture, facts: ObjectFacts, _clock: Clock) -> Values:
    """Dermoscopic Image (C.8.12.13). What nobody looked for may identify: it counts as recognisable."""
    photo = facts.photo
    contact = True if photo.contact is None and photo.immersion else photo.contact
    return {
        "RecognizableVisualFeatures": _YES_NO[facts.recognizable_features is not False],
        "LightSourcePolarization": {True: "POLARIZED", False: "NON_POLARIZED", None: ""}[photo.polarized],
        "EmitterColorTemperature": "",
        "ContactMethod": {True: "CONTACT", False: "NON_CONTACT", None: ""}[contact],
        "ImmersionMedia": (photo.immersion or "") if contact else None,
        "OpticalMagnificationFactor": "" if photo.magnification is None else decimal_string(photo.magnification),
        **_tracking(photo),
    }


def secondary_capture_module(_picture: CleanPicture, facts: ObjectFacts, clock: Clock) -> Values:
    """SC Equipment and SC Image (C.8.6): here the gateway is the capturing device."""
    return {
        "ConversionType": "DI",
        "SecondaryCaptureDeviceManufacturer": PRODUCT,
        "SecondaryCaptureDeviceManufacturerModelName": PRODUCT,
        "SecondaryCaptureDeviceSoftwareVersions": gateway_version(facts) or None,
        "DateOfSecondaryCapture": clock.date(facts.received_at),
        "TimeOfSecondaryCapture": clock.time(facts.received_at),
    }


def multi_frame_module(picture: CleanPicture, facts: ObjectFacts, _clock: Clock) -> Values:
    """SC Multi-frame Image. Burned In Annotation is Type 1: where nobody looked, there may be some."""
    return {
        "BurnedInAnnotation": _YES_NO[facts.burned_in_annotation is not False],
        **frames_module(picture.frames, picture.frame_times_ms),
    }


def _taken(shown: Shown, facts: ObjectFacts) -> datetime | None:
    """What the sender said goes before the camera's clock, which is read in the site's zone if it has none."""
    if facts.photo.captured_at is not None:
        return facts.photo.captured_at
    clock = shown.exif.taken
    return None if clock is None else clock.at(facts.site.timezone)


def _comments(photo: PhotoFacts) -> str:
    size = "" if photo.size_mm is None else f"{photo.size_mm:g} mm"
    said = {"Size": size, "Shape": photo.shape, "Symptoms": photo.symptoms, "Since": photo.onset}
    lines = [f"{word}: {single_line(text, _ST)}" for word, text in said.items() if text.strip()]
    return paragraphs("\n".join([*lines, photo.note]), _LT)


def _site(name: str | None) -> BodySite:
    site = find_body_site(name or UNSPECIFIED)
    if site is None:
        raise InvalidFactsError("body_site", "is not in the table of body sites")
    return site


def _spacing(photo: PhotoFacts) -> list[str] | None:
    if photo.pixel_spacing_mm is None:
        return None
    least, most = SPACINGS_MM
    if not all(least <= distance <= most for distance in photo.pixel_spacing_mm):
        raise InvalidFactsError("pixel_spacing_mm", "is no distance between two pixels")
    return [decimal_string(distance) for distance in photo.pixel_spacing_mm]


def _tracking(photo: PhotoFacts) -> Values:
    if bool(photo.tracking_uid) != bool(photo.tracking_id):
        raise InvalidFactsError("tracking_uid", "stands with tracking_id, or neither does")
    if not photo.tracking_uid:
        return {}
    return {
        "TrackingUID": checked_uid(photo.tracking_uid, "tracking_uid"),
        "TrackingID": single_line(photo.tracking_id, _ST),
    }


def _yes_no(answer: bool | None) -> str | None:
    return None if answer is None else _YES_NO[answer]


def _even(value: bytes | None) -> bytes | None:
    return None if value is None else value + bytes(len(value) % 2)
