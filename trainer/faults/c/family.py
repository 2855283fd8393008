"""Family c: what light, lenses, skin and people do, worked out; no method of it is shared with another family."""

from types import MappingProxyType

from trainer.faults.c.distance.faults import lesion_too_small
from trainer.faults.c.focus.faults import out_of_focus
from trainer.faults.c.harmless import HARMLESS
from trainer.faults.c.light.bright import overexposed
from trainer.faults.c.light.dark import underexposed
from trainer.faults.c.marks.faults import watermark
from trainer.faults.c.not_skin.faults import not_skin
from trainer.faults.c.scatter.faults import scattered_lesions
from trainer.faults.family import Family

FAMILY = Family(
    name="c",
    faults=MappingProxyType(
        {
            "lesion_too_small": lesion_too_small,
            "scattered_lesions": scattered_lesions,
            "out_of_focus": out_of_focus,
            "watermark": watermark,
            "underexposed": underexposed,
            "overexposed": overexposed,
            "not_skin": not_skin,
        }
    ),
    harmless=HARMLESS,
)
