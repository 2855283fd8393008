"""What the pixels lost on their way (PS3.3 C.7.6.1.1.5): said once, never unsaid."""

from gateway.conversion.dataset import Values
from gateway.conversion.picture import LossyStep


def lossy_attributes(steps: tuple[LossyStep, ...]) -> Values:
    """Lossy Image Compression, with ratio and method step by step, the first one first.

    DICOM has no term for some methods (WebP, AVIF). Ratio and method correspond value by value, so that Method is
    left out as a whole where one of them is unknown; the derivation then tells all of them in words.
    """
    methods = [step.method for step in steps]
    return {
        "LossyImageCompression": "01" if steps else "00",
        "LossyImageCompressionRatio": [f"{step.ratio:.2f}" for step in steps] or None,
        "LossyImageCompressionMethod": methods if methods and all(methods) else None,
    }
