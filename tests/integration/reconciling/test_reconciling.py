"""A case gets its right patient: what is refused, what its objects say then, who is told, and that twice is once."""

import io
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ImplicitVRLittleEndian
from sqlalchemy import select, update

from gateway.access.caller import LOCAL_ADMINISTRATOR, SYSTEM, Caller, Role
from gateway.access.tables import AuditRow
from gateway.archive.indexing import Origin, Sender
from gateway.archive.tables import InstanceRow, RevisionRow
from gateway.database import now
from gateway.delivery.claims import claim
from gateway.delivery.states import DeliveryState
from gateway.delivery.tables import DeliveryRow
from gateway.events.tables import EventRow
from gateway.intake.request import PhotoFields
from gateway.reconciling.right import Right
from gateway.reconciling.service import Reconciling
from gateway.review.cases import PlaceTaken
from tests.e2e.photos import photo as picture
from tests.integration.faces import key_for
from tests.integration.intake.served import Served
from tests.peers import dciodvfy_errors
from tests.unit.archive.samples import part10
from tests.unit.archive.samples import photo as object_of_others
from tests.worklist_peer import WorklistServer, order

HONG = {
    "patient_id": "P-1",
    "issuer_of_patient_id": "HOSPITAL",
    "patient_name": "Hong^Gildong=洪^吉洞=홍^길동",
    "patient_birth_date": "1980-01-02",
    "patient_sex": "M",
}


def reconcile(gateway: Served, case_id: str, said: dict[str, str], **headers: str) -> Any:
    return gateway.http.post(f"/api/v1/cases/{case_id}/reconcile", json=said, headers=headers)


def reconciled(gateway: Served, case_id: str, said: dict[str, str]) -> dict[str, Any]:
    answer = reconcile(gateway, case_id, said)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def objects(gateway: Served, *, revision: int | None = None) -> list[FileDataset]:
    """Every object, at its newest revision or the one asked for."""
    with gateway.gateway.database.read() as session:
        query = select(RevisionRow.object_key).join(InstanceRow).order_by(InstanceRow.id)
        wanted = InstanceRow.revision if revision is None else revision
        keys = session.scalars(query.where(RevisionRow.number == wanted)).all()
    found = []
    for key in keys:
        with gateway.gateway.storage.open(key) as stream:
            found.append(dcmread(io.BytesIO(stream.read())))
    return found


def deliveries(gateway: Served) -> list[tuple[int, str, str]]:
    with gateway.gateway.database.read() as session:
        rows = session.scalars(select(DeliveryRow).order_by(DeliveryRow.instance_id, DeliveryRow.id)).all()
    return [(row.revision, row.destination, row.state) for row in rows]


def set_deliveries(gateway: Served, destination: str, state: DeliveryState, **values: Any) -> None:
    with gateway.gateway.database.write() as unit_of_work:
        change = update(DeliveryRow).where(DeliveryRow.destination == destination)
        unit_of_work.session.execute(change.values(state=state.value, **values))


def test_without_a_patient_or_with_nonsense_nothing_is_corrected(gateway: Served) -> None:
    case = gateway.accepted(picture(1))["case_id"]
    before = gateway.holdings()
    for said, field in (
        ({}, "patient_id"),
        ({"patient_name": "Hong"}, "patient_id"),
        ({"patient_id": "P\\1"}, "patient_id"),
        ({**HONG, "patient_birth_date": "soon"}, "patient_birth_date"),
        ({"worklist_item": "nonsense"}, "worklist_item"),
        ({"patient_id": "P-1", "unknown": "x"}, "unknown"),
    ):
        answer = reconcile(gateway, case, said)
        assert answer.status_code == 422
        assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert gateway.holdings() == before


def test_an_order_that_is_gone_or_cannot_be_asked_for_corrects_nothing(gateway: Served, ris: WorklistServer) -> None:
    case = gateway.accepted(picture(1))["case_id"]
    ris.schedule(order())
    (item,) = [each["item"] for each in gateway.get("/api/v1/worklist?patient_id=P-1")["items"]]
    gateway.gateway.worklist.forget()
    ris.schedule()
    assert reconcile(gateway, case, {"worklist_item": item}).status_code == 422
    ris.stop()
    assert reconcile(gateway, case, {"worklist_item": item}).status_code == 503
    assert [each.PatientID[:5] for each in objects(gateway)] == ["UNID-", "UNID-"]


def test_only_who_may_corrects_and_only_cases_of_their_hospital(gateway: Served) -> None:
    case = gateway.accepted(picture(1))["case_id"]
    assert reconcile(gateway, "0" * 32, HONG).status_code == 404
    database = gateway.gateway.database
    for role, hospitals, status in (
        (Role.APP, None, 403),
        (Role.VIEWER, None, 403),
        (Role.CLINICIAN, ["north"], 404),
        (Role.CLINICIAN, ["default"], 200),
    ):
        headers = key_for(database, role, hospitals=hospitals)
        assert reconcile(gateway, case, HONG, **headers).status_code == status


def test_a_case_without_objects_has_nothing_to_correct(gateway: Served) -> None:
    posted = gateway.accepted(picture(1))
    gateway.http.delete(f"/api/v1/photos/{posted['id']}").raise_for_status()
    assert reconcile(gateway, posted["case_id"], HONG).status_code == 409


def test_somebody_unknown_gets_a_name_in_every_object_and_the_old_ones_stay(fresh: Served) -> None:
    first = fresh.accepted(picture(1), {"patient_age": "46", "body_site": "forearm"})
    fresh.accepted(picture(2), {"case_id": first["case_id"]})
    done = reconciled(fresh, first["case_id"], {**HONG, "accession_number": "ACC9"})
    assert (done["corrected"], done["unchanged"], done["destinations"]) == (4, 0, ["pacs", "second"])
    for old, new in zip(objects(fresh, revision=1), objects(fresh), strict=True):
        assert (new.PatientID, new.IssuerOfPatientID, new.PatientName) == ("P-1", "HOSPITAL", HONG["patient_name"])
        assert (new.PatientBirthDate, new.PatientSex, new.AccessionNumber) == ("19800102", "M", "ACC9")
        assert new.get("PatientAge") == old.get("PatientAge")
        assert (new.SOPInstanceUID, new.StudyInstanceUID) == (old.SOPInstanceUID, old.StudyInstanceUID)
        assert new.get("PixelData") == old.get("PixelData")
        (change,) = new.OriginalAttributesSequence
        assert change.ReasonForTheAttributeModification == "CORRECT"
        assert change.ModifiedAttributesSequence[0].PatientID == old.PatientID
    (study,) = fresh.get("/dicom-web/studies?PatientName=hong*")
    assert (study["00100020"]["Value"], study["00201208"]["Value"]) == (["P-1"], [4])
    assert fresh.http.get("/dicom-web/studies?PatientID=UNID-*").status_code == 204
    assert fresh.get(f"/api/v1/photos/{first['id']}")["patient_id"] == "P-1"
    assert fresh.gateway.archive.verify().sound


def test_the_same_again_changes_nothing(fresh: Served) -> None:
    case = fresh.accepted(picture(1))["case_id"]
    reconciled(fresh, case, HONG)
    before = fresh.holdings(), deliveries(fresh)
    again = reconciled(fresh, case, HONG)
    assert (again["corrected"], again["unchanged"], again["destinations"]) == (0, 2, [])
    assert (fresh.holdings(), deliveries(fresh)) == before


def test_the_reason_is_kept_with_the_revisions_whatever_was_typed(fresh: Served) -> None:
    case = fresh.accepted(picture(1))["case_id"]
    reconciled(fresh, case, {**HONG, "reason": "told\x00 by phone\n"})
    with fresh.gateway.database.read() as session:
        reasons = set(session.scalars(select(RevisionRow.reason).where(RevisionRow.number == 2)))
    assert reasons == {"told by phone"}


def test_the_log_and_the_audit_trail_tell_of_it_without_a_name(gateway: Served) -> None:
    case = gateway.accepted(picture(1))["case_id"]
    reconciled(gateway, case, HONG)
    with gateway.gateway.database.read() as session:
        events = session.scalars(select(EventRow).where(EventRow.type == "instance.corrected")).all()
        entries = session.scalars(select(AuditRow)).all()
    assert len(events) == 2
    (entry,) = [each for each in entries if each.detail.get("act") == "reconcile"]
    assert (entry.subject, entry.detail) == (f"case/{case}", {"act": "reconcile", "instances": 2})
    told = " ".join(str((each.subject, each.detail)) for each in entries) + " ".join(str(each.data) for each in events)
    assert not any(word in told for word in ("Hong", "홍", "P-1", "19800102"))


@pytest.mark.parametrize("typed", [{}, {"case": "identified"}])
def test_an_order_of_the_worklist_corrects_patient_and_order(
    gateway: Served, ris: WorklistServer, typed: dict[str, str]
) -> None:
    wrong = {"patient_id": "P-0", "patient_name": "Wrong^Person", "patient_age": "70"} if typed else {}
    case = gateway.accepted(picture(1), wrong)["case_id"]
    ris.schedule(order(5))
    (item,) = [each["item"] for each in gateway.get("/api/v1/worklist?patient_id=P-5")["items"]]
    done = reconciled(gateway, case, {"worklist_item": item})
    assert done["corrected"] == 2
    for ds in objects(gateway):
        assert (ds.PatientID, ds.PatientName) == ("P-5", HONG["patient_name"])
        assert (ds.AccessionNumber, ds.StudyID, ds.AdmissionID) == ("ACC5", "RP5", "ADM5")
        assert "PatientAge" not in ds
        if ds.Modality == "SR":
            assert "RequestAttributesSequence" not in ds
            continue
        (request,) = ds.RequestAttributesSequence
        assert (request.RequestedProcedureID, request.ScheduledProcedureStepID) == ("RP5", "SPS5")
        assert request.StudyInstanceUID == "1.2.826.0.1.3680043.10.999.5" != ds.StudyInstanceUID
        if typed:
            original = ds.OriginalAttributesSequence[0].ModifiedAttributesSequence[0]
            assert (original.PatientName, original.get("PatientAge")) == ("Wrong^Person", "070Y")
    assert reconciled(gateway, case, {"worklist_item": item})["corrected"] == 0


def test_a_further_photo_is_of_the_right_patient(gateway: Served) -> None:
    case = gateway.accepted(picture(1))["case_id"]
    reconciled(gateway, case, HONG)
    further = gateway.accepted(picture(2), {"case_id": case})
    assert further["patient_id"] == "P-1"
    assert {str(ds.PatientID) for ds in objects(gateway)} == {"P-1"}
    assert gateway.post(picture(3), {"case_id": case, "patient_id": "P-0"}).status_code == 409


def test_who_has_the_old_ones_gets_the_new_ones_and_what_waited_is_not_sent(gateway: Served) -> None:
    case = gateway.accepted(picture(1))["case_id"]
    set_deliveries(gateway, "pacs", DeliveryState.COMMITTED, prove_at=now())
    set_deliveries(gateway, "second", DeliveryState.FAILED)
    done = reconciled(gateway, case, HONG)
    assert done["destinations"] == ["pacs", "second"]
    assert sorted(deliveries(gateway)) == sorted(
        [
            *[(1, "pacs", "committed"), (1, "second", "cancelled")] * 2,
            *[(2, "pacs", "queued"), (2, "second", "queued")] * 2,
        ]
    )
    with gateway.gateway.database.read() as session:
        assert session.scalars(select(DeliveryRow).where(DeliveryRow.prove_at.is_not(None))).all() == []


def test_who_never_wanted_the_old_ones_does_not_get_the_new_ones(gateway: Served) -> None:
    case = gateway.accepted(picture(1))["case_id"]
    set_deliveries(gateway, "pacs", DeliveryState.NOT_ACCEPTED)
    set_deliveries(gateway, "second", DeliveryState.CANCELLED)
    assert reconciled(gateway, case, HONG)["destinations"] == []


def test_the_new_one_waits_for_the_old_one_that_is_being_sent(gateway: Served) -> None:
    case = gateway.accepted(picture(1))["case_id"]
    until = now().replace(year=now().year + 1)
    set_deliveries(gateway, "pacs", DeliveryState.SENDING, claimed_by="somebody", claimed_until=until)
    reconciled(gateway, case, HONG)
    with gateway.gateway.database.write() as unit_of_work:
        assert not claim(unit_of_work, "pacs", "another", limit=9, at=now(), until=until)
        assert len(claim(unit_of_work, "second", "another", limit=9, at=now(), until=until)) == 2


def test_what_was_held_goes_everywhere_once_it_has_a_name(gateway: Served) -> None:
    settings = gateway.gateway.settings
    held = settings.intake.model_copy(update={"unidentified": "hold"})
    photos, database = gateway.photos, gateway.gateway.database
    acceptance = photos.intake.videos.acceptance
    object.__setattr__(acceptance, "settings", settings.model_copy(update={"intake": held}))
    case = gateway.accepted(picture(1))["case_id"]
    assert deliveries(gateway) == []
    service = Reconciling(database, gateway.gateway.archive, gateway.gateway.storage, acceptance.settings)
    right = Right(PhotoFields.model_validate(HONG), "told by phone")
    assert service.reconcile(LOCAL_ADMINISTRATOR, case, right).destinations == ("pacs", "second")


@pytest.mark.parametrize("character_set", ["ISO_IR 100", "\\ISO 2022 IR 149"])
@pytest.mark.parametrize("implicit", [True, False])
def test_what_others_sent_of_the_study_is_corrected_too_in_letters_it_may_not_have_had(
    gateway: Served, character_set: str, implicit: bool
) -> None:
    posted = gateway.accepted(picture(1))
    name = "Müller^Jörg" if character_set == "ISO_IR 100" else "Hong^Gildong=洪^吉洞=홍^길동"
    sent = object_of_others(
        StudyInstanceUID=posted["dicom"]["study_instance_uid"],
        SpecificCharacterSet=character_set.split("\\") if "\\" in character_set else character_set,
        PatientID="",
        PatientName="",
        StudyDescription="",
        ImageComments=name,
    )
    raw = _implicit(sent) if implicit else part10(sent)
    gateway.gateway.archive.store(SYSTEM, [raw], Sender(Origin.STOW, "test"))
    assert reconciled(gateway, posted["case_id"], HONG)["corrected"] == 3
    (theirs,) = [ds for ds in objects(gateway) if ds.SOPInstanceUID == sent.SOPInstanceUID]
    assert (theirs.PatientName, theirs.ImageComments) == (HONG["patient_name"], name)
    assert theirs.PixelData == sent.PixelData
    assert gateway.gateway.archive.verify().sound


def _implicit(ds: Dataset) -> bytes:
    """The object in Implicit VR Little Endian, with other pixels."""
    ds.PixelData, ds.PhotometricInterpretation = bytes(300), "RGB"
    ds["PixelData"].VR = "OW"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    target = io.BytesIO()
    ds.save_as(target, enforce_file_format=True)
    return target.getvalue()


def test_a_photo_that_comes_meanwhile_is_corrected_as_well(gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    case = gateway.accepted(picture(1))["case_id"]
    service = gateway.photos.reconciling
    came: list[dict[str, Any]] = []
    stage = Reconciling._stage

    def and_another(self: Reconciling, *arguments: Any) -> bool:
        if not came:
            came.append(gateway.accepted(picture(2), {"case_id": case}))
        return stage(self, *arguments)

    monkeypatch.setattr(Reconciling, "_stage", and_another)
    right = Right(PhotoFields.model_validate(HONG), "wrong entry")
    assert service.reconcile(LOCAL_ADMINISTRATOR, case, right).corrected == 4
    assert {str(ds.PatientID) for ds in objects(gateway)} == {"P-1"}


def test_a_study_that_changes_all_the_time_leaves_nothing_behind(
    gateway: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = gateway.accepted(picture(1))["case_id"]
    before = gateway.holdings()

    def taken(*_arguments: Any) -> Any:
        raise PlaceTaken

    monkeypatch.setattr(Reconciling, "_make_true", taken)
    with pytest.raises(PlaceTaken):
        gateway.photos.reconciling.reconcile(
            LOCAL_ADMINISTRATOR, case, Right(PhotoFields.model_validate(HONG), "wrong entry")
        )
    assert gateway.holdings() == before


def test_a_patient_corrects_nothing(gateway: Served) -> None:
    case = gateway.accepted(picture(1))["case_id"]
    patient = Caller("key:p", frozenset({Role.CLINICIAN}), None, patient="1")
    with pytest.raises(Exception, match=r"cases\.reconcile"):
        gateway.photos.reconciling.reconcile(patient, case, Right(PhotoFields.model_validate(HONG), "x"))


@pytest.mark.peer
def test_corrected_objects_stand_before_the_validator(gateway: Served, tmp_path: Any) -> None:
    case = gateway.accepted(picture(1), {"kind": "dermoscopic", "body_site": "forearm"})["case_id"]
    reconciled(gateway, case, {**HONG, "accession_number": "ACC1"})
    for number, ds in enumerate(objects(gateway)):
        path = tmp_path / f"{number}.dcm"
        ds.save_as(path)
        assert dciodvfy_errors(path) == []
