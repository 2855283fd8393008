"""Family a, the first one: two-box blurs, random-phase skin, strewn spots, Pillow's font, six kinds of drawn scene."""

from trainer.faults.a.distance import lesion_too_small
from trainer.faults.a.exposure import overexposed, underexposed
from trainer.faults.a.focus import out_of_focus
from trainer.faults.a.harmless import HARMLESS
from trainer.faults.a.not_skin.scenes import not_skin
from trainer.faults.a.scatter import scattered_lesions
from trainer.faults.a.watermark import watermark
from trainer.faults.family import Family

FAMILY = Family(
    name="a",
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
