"""What an object says of the coding schemes that nobody else knows (PS3.3 C.12.1.1.17)."""

from collections.abc import Iterable
from typing import Final

from pydicom.dataset import Dataset

from gateway.conversion.codes.cells import is_private
from gateway.conversion.codes.quality import PRIVATE_SCHEME
from gateway.conversion.context_modules import PRODUCT
from gateway.conversion.dataset import Values, dataset_of
from gateway.conversion.text import single_line

_ST: Final = 1024


def schemes_module(designators: Iterable[str], institution: str) -> Values:
    """Coding Scheme Identification Sequence of SOP Common: each private one of these schemes, once.

    The product answers for its own, `institution` for all others, which are those of a site's tables.
    """
    private = sorted({designator for designator in designators if is_private(designator)})
    return {"CodingSchemeIdentificationSequence": [_item(each, institution) for each in private] or None}


def _item(designator: str, institution: str) -> Dataset:
    is_own = designator == PRIVATE_SCHEME
    return dataset_of(
        {
            "CodingSchemeDesignator": designator,
            "CodingSchemeName": f"{PRODUCT} private concepts" if is_own else None,
            "CodingSchemeResponsibleOrganization": PRODUCT if is_own else single_line(institution, _ST) or None,
        }
    )
