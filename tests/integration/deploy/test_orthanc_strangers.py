"""The demonstration's Orthanc, whose DICOM port is on every interface, serves only the gateway and who asks for us."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pynetdicom.association import Association
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made at import time
    SecondaryCaptureImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from deploy.demo.hospital import GATEWAY_AE_TITLE, Hospital, running_hospital
from deploy.demo.processes import LOOPBACK
from dimse.addresses import RemoteAE, Timeouts
from dimse.association import AssociationFailed, Obstacle, request_association
from tests.peers import require

pytestmark = pytest.mark.peer

SERVICES = {
    "C-ECHO": Verification,
    "C-STORE": SecondaryCaptureImageStorage,
    "C-FIND": StudyRootQueryRetrieveInformationModelFind,
    "C-GET": StudyRootQueryRetrieveInformationModelGet,
    "C-MOVE": StudyRootQueryRetrieveInformationModelMove,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hospital")


@pytest.fixture(scope="module")
def hospital(folder: Path) -> Iterator[Hospital]:
    require("Orthanc")
    with running_hospital(folder) as running:
        yield running


@pytest.mark.parametrize("service", SERVICES)
def test_a_stranger_on_this_machine_is_refused(hospital: Hospital, service: str) -> None:
    assert _obstacle(hospital, "STRANGER", LOOPBACK, service) is Obstacle.REJECTED


@pytest.mark.parametrize("service", ["C-FIND", "C-STORE"])
def test_the_gateways_name_from_another_address_is_refused(hospital: Hospital, service: str) -> None:
    assert _obstacle(hospital, GATEWAY_AE_TITLE, _other_address(), service) is Obstacle.REJECTED


@pytest.mark.parametrize("service", ["C-FIND", "C-STORE"])
def test_the_gateway_on_this_machine_is_served(hospital: Hospital, service: str) -> None:
    assoc = _asked(hospital, GATEWAY_AE_TITLE, LOOPBACK, service)
    assert [context.abstract_syntax for context in assoc.accepted_contexts] == [SERVICES[service]]
    assoc.release()


def test_it_serves_no_http(hospital: Hospital, folder: Path) -> None:
    assert hospital.dicom_port
    assert "The HTTP server is disabled" in (folder / "orthanc.log").read_text()


def _obstacle(hospital: Hospital, ae_title: str, address: str, service: str) -> Obstacle:
    """What stands in the way of an association; pynetdicom alone may take a rejection for a broken connection."""
    with pytest.raises(AssociationFailed) as failure:
        _asked(hospital, ae_title, address, service)
    return failure.value.obstacle


def _asked(hospital: Hospital, ae_title: str, address: str, service: str) -> Association:
    remote = RemoteAE(address, hospital.dicom_port, hospital.ae_title)
    return request_association(remote, ae_title, [build_context(SERVICES[service])], Timeouts())


def _other_address() -> str:
    """An address of this machine beside loopback, as its routes tell it; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: nobody's
        except OSError:
            pytest.skip("this machine has no address beside loopback")
        return str(probe.getsockname()[0])
