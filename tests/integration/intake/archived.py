"""Objects as the gateway has them, and objects of others' making."""

import io
from dataclasses import replace
from typing import Any

from pydicom import dcmread
from pydicom.dataset import FileDataset
from sqlalchemy import select

from gateway.archive.tables import RevisionRow
from gateway.conversion.clean import clean_picture
from gateway.conversion.facts import SopClass
from gateway.conversion.photo import photo_to_dicom
from tests.integration.intake.served import Served
from tests.unit.conversion.samples import facts, jpeg


def image_of(served: Served, submission: dict[str, Any]) -> FileDataset:
    """The object of an accepted photo."""
    return _file(served, submission["dicom"]["url"])


def report_of(served: Served, submission: dict[str, Any]) -> FileDataset:
    """The report of an accepted photo."""
    return _file(served, submission["dicom"]["report"]["url"])


def all_objects(served: Served) -> list[FileDataset]:
    """Every object of the archive, in order of arrival."""
    with served.gateway.database.read() as session:
        keys = [row.object_key for row in session.scalars(select(RevisionRow).order_by(RevisionRow.instance_id))]
    files = []
    for key in keys:
        with served.gateway.storage.open(key) as stream:
            files.append(dcmread(io.BytesIO(stream.read())))
    return files


def images(served: Served) -> list[FileDataset]:
    """Every image among them."""
    return [file for file in all_objects(served) if file.SOPClassUID in set(SopClass)]


def store_foreign(served: Served, **changes: Any) -> FileDataset:
    """Store an object of another's making by STOW-RS; `changes` by keyword, None to leave an attribute out."""
    made = photo_to_dicom(clean_picture(jpeg()), replace(facts(), operator=""), SopClass.VL_PHOTOGRAPHIC)
    file = dcmread(io.BytesIO(b"".join(bytes(part) for part in made.parts)))
    for keyword, value in changes.items():
        if value is None:
            delattr(file, keyword)
        else:
            setattr(file, keyword, value)
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID
    target = io.BytesIO()
    file.save_as(target)
    answer = served.http.post(
        "/dicom-web/studies", content=target.getvalue(), headers={"Content-Type": "application/dicom"}
    )
    assert answer.status_code == 200, answer.text
    return file


def _file(served: Served, url: str) -> FileDataset:
    return dcmread(io.BytesIO(served.http.get(url, headers={"Accept": "application/dicom"}).raise_for_status().content))
