"""A case is corrected by the worklist of its own hospital, whoever corrects it and whatever else they may see."""

from pathlib import Path
from typing import Any

import pytest

from gateway.access.caller import Role
from tests.e2e.photos import photo as picture
from tests.integration.faces import key_for
from tests.integration.intake.conftest import MakeSettings
from tests.integration.intake.served import Served
from tests.integration.reconciling.test_reconciling import objects, reconcile
from tests.peers import LOOPBACK
from tests.worklist_peer import WorklistServer, order

pytestmark = pytest.mark.peer


@pytest.mark.parametrize(("whose", "status"), [("default", 422), ("north", 200)])
def test_an_order_corrects_cases_of_its_hospital_alone(
    settings_for: MakeSettings, tmp_path: Path, ris: WorklistServer, whose: str, status: int
) -> None:
    if not ris.running:
        ris.start()
    ris.schedule(order(5))
    worklist: dict[str, Any] = {"host": LOOPBACK, "port": ris.port, "ae_title": ris.ae_title, "hospital": whose}
    with Served(settings_for(tmp_path, worklist=worklist, hospitals=[{"name": "north"}])) as gateway:
        database = gateway.gateway.database
        north = key_for(database, Role.CLINICIAN, hospitals=["north"])
        both = key_for(database, Role.CLINICIAN, hospitals=["default", "north"])
        case = gateway.accepted(picture(1), None, **north)["case_id"]
        (item,) = [each["item"] for each in gateway.get("/api/v1/worklist?patient_id=P-5", **both)["items"]]
        answer = reconcile(gateway, case, {"worklist_item": item}, **both)
        assert answer.status_code == status, answer.text
        assert {str(ds.PatientID) == "P-5" for ds in objects(gateway)} == {status == 200}
