"""How an archived object is named in answers: its UIDs, and where it is over DICOMweb."""

from pydantic import BaseModel, ConfigDict, Field

from dicomweb.part10 import Identity


class ArchivedObject(BaseModel):
    """An object in the archive."""

    model_config = ConfigDict(extra="forbid")

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    url: str = Field(description="of the instance over DICOMweb, on this host")


def archived_object(identity: Identity) -> dict[str, str]:
    """The JSON of an `ArchivedObject`."""
    study, series, instance = identity.study_instance_uid, identity.series_instance_uid, identity.sop_instance_uid
    return {
        "study_instance_uid": study,
        "series_instance_uid": series,
        "sop_instance_uid": instance,
        "sop_class_uid": identity.sop_class_uid,
        "url": f"/dicom-web/studies/{study}/series/{series}/instances/{instance}",
    }
