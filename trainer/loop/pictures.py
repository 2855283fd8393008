"""The picture of a sample, as serving would see it."""

from inference.prepared import PreparedPicture
from trainer.errors import BadData
from trainer.loop.samples import Sample
from trainer.reading import read_picture


def opened(sample: Sample) -> PreparedPicture:
    """Read and decode it. Raises BadData where it is gone by now or no picture."""
    try:
        data = sample.claim.path.read_bytes()
    except OSError as error:
        raise BadData(f"{sample.claim.name} cannot be read: {error.strerror}") from error
    return PreparedPicture(read_picture(data, sample.claim.name))
