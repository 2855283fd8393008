"""Family b: apertures and shaken hands by convolution, skin laid out from the photo's grain, cut and cloned lesions."""

from trainer.faults.b.distance import lesion_too_small
from trainer.faults.b.exposure import overexposed, underexposed
from trainer.faults.b.focus import out_of_focus
from trainer.faults.b.harmless import HARMLESS
from trainer.faults.b.not_skin.scenes import not_skin
from trainer.faults.b.scatter import scattered_lesions
from trainer.faults.b.watermark.fault import watermark
from trainer.faults.family import Family

FAMILY = Family(
    name="b",
    faults={
        "lesion_too_small": lesion_too_small,
        "scattered_lesions": scattered_lesions,
        "out_of_focus": out_of_focus,
        "watermark": watermark,
        "underexposed": underexposed,
        "overexposed": overexposed,
        "not_skin": not_skin,
    },
    harmless=HARMLESS,
)
