"""What different kinds of pictures of one case have in common, and what keeps their series apart."""

import io

from PIL import Image
from pydicom import dcmread
from pydicom.dataset import FileDataset
from sqlalchemy import select

from gateway.archive.tables import RevisionRow
from gateway.conversion.facts import SopClass
from tests.e2e.photos import photo
from tests.integration.intake.served import Served

DEVICE = {"device_maker": "Maker", "device_model": "Scope", "device_serial": "1", "device_software": "2"}


def _pages(*seeds: int) -> bytes:
    first, *others = (Image.open(io.BytesIO(photo(seed))).convert("RGB") for seed in seeds)
    target = io.BytesIO()
    first.save(target, "TIFF", save_all=True, append_images=others)
    return target.getvalue()


def _objects(served: Served) -> list[FileDataset]:
    """Every image archived, in order of arrival."""
    with served.gateway.database.read() as session:
        keys = [row.object_key for row in session.scalars(select(RevisionRow).order_by(RevisionRow.instance_id))]
    files = []
    for key in keys:
        with served.gateway.storage.open(key) as stream:
            files.append(dcmread(io.BytesIO(stream.read())))
    return [file for file in files if file.SOPClassUID in set(SopClass)]


def test_a_study_holds_every_kind_and_a_series_one_modality(fresh: Served) -> None:
    said = {"patient_id": "P-1", "body_site": "back", "kind": "dermoscopic"}
    case = {"case_id": fresh.accepted(photo(1), said | DEVICE)["case_id"]}
    fresh.accepted(photo(2), said | case)
    fresh.accepted(_pages(3, 4), said | case)
    scope, phone, pages = _objects(fresh)
    assert [each.SOPClassUID for each in (scope, phone, pages)] == [
        SopClass.DERMOSCOPIC, SopClass.VL_PHOTOGRAPHIC, SopClass.MULTI_FRAME_TRUE_COLOR_SC,
    ]  # fmt: skip
    assert [each.Modality for each in (scope, phone, pages)] == ["DMS", "XC", "XC"]
    assert scope.StudyInstanceUID == phone.StudyInstanceUID == pages.StudyInstanceUID
    assert scope.SeriesInstanceUID != phone.SeriesInstanceUID == pages.SeriesInstanceUID
    assert [(int(each.SeriesNumber), int(each.InstanceNumber)) for each in (scope, phone, pages)] == [
        (1, 1), (2, 1), (2, 2),
    ]  # fmt: skip
    assert pages.NumberOfFrames == 2
