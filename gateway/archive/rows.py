"""Facts as the columns of rows."""

from typing import Any

from gateway.archive.facts import InstanceFacts, PatientFacts, SeriesFacts, StudyFacts


def patient_columns(facts: PatientFacts) -> dict[str, Any]:
    """Columns of a patient's row that an object tells."""
    return {
        "issuer_of_patient_id": facts.issuer_of_patient_id,
        "patient_id": facts.patient_id,
        "birth_date": facts.birth_date,
        "sex": facts.sex,
        "attributes": facts.attributes,
    }


def study_columns(facts: StudyFacts) -> dict[str, Any]:
    """Columns of a study's row that an object tells."""
    return {
        "study_instance_uid": facts.study_instance_uid,
        "study_date": facts.study_date,
        "study_time": facts.study_time,
        "accession_number": facts.accession_number,
        "study_identifier": facts.study_identifier,
        "description": facts.description,
        "attributes": facts.attributes,
    }


def series_columns(facts: SeriesFacts) -> dict[str, Any]:
    """Columns of a series' row that an object tells."""
    return {
        "series_instance_uid": facts.series_instance_uid,
        "modality": facts.modality,
        "series_number": facts.series_number,
        "procedure_step_start_date": facts.procedure_step_start_date,
        "procedure_step_start_time": facts.procedure_step_start_time,
        "attributes": facts.attributes,
    }


def instance_columns(facts: InstanceFacts) -> dict[str, Any]:
    """Columns of an instance's row that an object tells."""
    return {
        "sop_instance_uid": facts.sop_instance_uid,
        "sop_class_uid": facts.sop_class_uid,
        "instance_number": facts.instance_number,
        "attributes": facts.attributes,
    }
