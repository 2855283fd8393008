"""From what was said to what is written: identity, context, places."""

from datetime import UTC, datetime

from gateway.config import SiteSettings
from gateway.conversion.facts import SopClass
from gateway.intake.facts import discriminator, instance_uid, patient_context, patient_key
from gateway.intake.request import check_fields

SITE = SiteSettings(patient_id_issuer="SITE")
AT = datetime(2026, 5, 6, tzinfo=UTC)


def test_a_patient_is_keyed_by_hospital_issuer_and_id() -> None:
    said = check_fields({"patient_id": "P"})
    assert patient_key(said, SITE, "north", "a") == patient_key(said, SITE, "north", "b")
    assert patient_key(said, SITE, "north", "a") != patient_key(said, SITE, "south", "a")
    assert patient_key(check_fields({"patient_id": "P"}), SITE, "north", "a").issuer_of_patient_id == ""
    other = check_fields({"patient_id": "P", "issuer_of_patient_id": "OTHER"})
    assert patient_key(other, SITE, "north", "a").issuer_of_patient_id == "OTHER"


def test_strangers_have_ids_of_their_own_that_stay_over_a_retry() -> None:
    nobody = check_fields({})
    first, second = (patient_key(nobody, SITE, "north", one * 32) for one in "ab")
    assert first != second
    assert first == patient_key(nobody, SITE, "north", "a" * 32)
    assert (first.patient_id[:5], first.issuer_of_patient_id) == ("UNID-", "SITE")


def test_an_age_comes_from_the_birth_date_where_none_is_said() -> None:
    born = check_fields({"patient_birth_date": "1980-05-06", "patient_sex": "F", "body_site": "face"})
    context = patient_context(born, AT)
    assert (context.sex, context.body_site) == ("F", "face")
    assert context.age_years is not None
    assert 45.9 < context.age_years < 46.1
    assert patient_context(check_fields({"patient_age": "30", "patient_birth_date": "1980-05-06"}), AT).age_years == 30
    assert patient_context(check_fields({}), AT).age_years is None


def test_series_are_told_apart_by_kind_site_and_side() -> None:
    said = [{}, {"laterality": "L"}, {"body_site": "face"}, {"kind": "dermoscopic"}]
    assert len({discriminator(check_fields(one)) for one in said}) == 4
    assert discriminator(check_fields({})) == discriminator(check_fields({"laterality": "U"}))


def test_a_retry_makes_the_same_instance_uid_and_another_class_another() -> None:
    uids = {instance_uid("north", "a" * 32, sop_class, "1.2.3") for sop_class in SopClass for _ in range(2)}
    assert len(uids) == len(SopClass)
    assert all(uid.startswith("1.2.3.") and len(uid) <= 64 for uid in uids)
