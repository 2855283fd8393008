"""The UIDs that a corrected study has at destinations that are told of corrections: never those of the mistaken one.

Pure rules; the same study, patient and revision always arrive at the same UIDs, so that a retry sends the same object.
"""

from collections.abc import Mapping

from gateway.conversion.uids import derived_uid
from gateway.delivery.replacing.standing import Standing


def study_uid(standing: Standing, root: str) -> str:
    """The study that the corrected objects go into: that of their order, else one of the right patient's own."""
    if standing.ordered_study_uid is not None:
        return standing.ordered_study_uid
    whose = (standing.issuer_of_patient_id, standing.patient_id)
    return derived_uid(standing.hospital, "corrected study", standing.study_instance_uid, *whose, root=root)


def series_uid(standing: Standing, series_instance_uid: str, root: str) -> str:
    """A series of it."""
    return derived_uid(standing.hospital, "corrected series", study_uid(standing, root), series_instance_uid, root=root)


def instance_uid(standing: Standing, sop_instance_uid: str, revision: int, root: str) -> str:
    """One revision of an instance of it."""
    named = (study_uid(standing, root), sop_instance_uid, str(revision))
    return derived_uid(standing.hospital, "corrected", *named, root=root)


def all_names(standing: Standing, root: str) -> Mapping[str, str]:
    """The UIDs of the study, its series and its instances at their current revisions, by those of the archive."""
    names = {standing.study_instance_uid: study_uid(standing, root)}
    for member in (*standing.members, standing.one):
        names[member.series_instance_uid] = series_uid(standing, member.series_instance_uid, root)
        names[member.sop_instance_uid] = instance_uid(standing, member.sop_instance_uid, member.revision, root)
    return names
