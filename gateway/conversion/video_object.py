"""A video's clean bit stream and what is known of it become a Video Photographic object (PS3.3 A.32.7)."""

from gateway.conversion.context_modules import clock_of, context_modules
from gateway.conversion.dataset import dataset_of
from gateway.conversion.facts import ObjectFacts, SopClass, VideoFacts
from gateway.conversion.image_modules import anatomy_module, general_image_module
from gateway.conversion.multi_frame_modules import video_module
from gateway.conversion.part10 import DicomObject, Part, PixelData, dicom_object
from gateway.conversion.photo import device_of


def video_object(video: VideoFacts, facts: ObjectFacts, stream: Part) -> DicomObject:
    """The object of one video; `stream` is the whole bit stream, possibly a view of a mapped file.

    It becomes one fragment, as syntaxes that are not fragmentable want (PS3.5 8.2.5), and is not copied: it must
    stay as it is until the object's parts are written. Raises InvalidFactsError where a fact cannot be written.
    """
    clock = clock_of(facts)
    header = dataset_of(
        *context_modules(facts, SopClass.VIDEO_PHOTOGRAPHIC, device_of(facts.device, video.exif), clock),
        general_image_module(video, facts, clock),
        video_module(video),
        anatomy_module(facts.photo, facts.site.institution),
        {"AcquisitionContextSequence": []},
    )
    return dicom_object(header, PixelData(video.transfer_syntax_uid, (stream,)))
