"""dicomweb-client, unchanged, against the application."""

import warnings
from collections.abc import Iterator
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset
from requests.exceptions import HTTPError

from tests.integration.dicomweb.conftest import Server
from tests.unit.dicomweb.samples import JPEG_BASELINE, jpeg, photo

STUDY, OTHER_STUDY = "1.2.3.1", "1.2.4.1"
PIXELS = bytes(range(192)) * 3


@pytest.fixture(autouse=True)
def _quiet_client() -> Iterator[None]:
    """dicomweb-client warns when a server tells a transfer syntax that was not asked for by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def dataset(data: bytes) -> Dataset:
    return pydicom.dcmread(BytesIO(data))


@pytest.fixture
def stored(server: Server) -> Server:
    """A server that holds two studies: three photos of a Korean patient, one native picture of another."""
    files = [
        photo(instance="1.2.3.11", number=1, frames=[jpeg(1), jpeg(2), jpeg(3)]),
        photo(instance="1.2.3.12", number=2),
        photo(instance="1.2.3.21", series="1.2.3.20", number=1, modality="OT"),
        photo(
            study=OTHER_STUDY,
            series="1.2.4.2",
            instance="1.2.4.3",
            patient_id="P-2",
            patient_name="Müller^Zoë",
            study_date="20240301",
            native=PIXELS,
        ),
    ]
    server.client.store_instances([dataset(data) for data in files])
    return server


def uids(results: list[dict[str, dict[str, list[str]]]], tag: str) -> list[str]:
    return [result[tag]["Value"][0] for result in results]


def test_what_is_stored_is_reported_with_its_url(server: Server) -> None:
    response = server.client.store_instances([dataset(photo())])
    (item,) = response.ReferencedSOPSequence
    assert item.ReferencedSOPInstanceUID == "1.2.3.3"
    assert item.RetrieveURL == f"{server.base_url}/studies/1.2.3.1/series/1.2.3.2/instances/1.2.3.3"
    assert "FailedSOPSequence" not in response


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"PatientName": "홍^길동"}, [STUDY]),
        ({"PatientName": "홍*"}, [STUDY]),
        ({"PatientName": "hong^*"}, [STUDY]),
        ({"PatientName": "*zoë"}, [OTHER_STUDY]),
        ({"PatientID": "P-?"}, [STUDY, OTHER_STUDY]),
        ({"StudyDate": "20240101-20240131"}, [STUDY]),
        ({"StudyDate": "20240201-"}, [OTHER_STUDY]),
        ({"ModalitiesInStudy": "OT"}, [STUDY]),
        ({"PatientID": "P-1", "StudyDate": "20240301"}, []),
        ({"StudyInstanceUID": f"{STUDY},{OTHER_STUDY}"}, [STUDY, OTHER_STUDY]),
    ],
)
def test_studies_are_found(stored: Server, filters: dict[str, str], expected: list[str]) -> None:
    assert uids(stored.client.search_for_studies(search_filters=filters), "0020000D") == expected


def test_study_results_carry_counts_modalities_and_included_fields(stored: Server) -> None:
    (study,) = stored.client.search_for_studies(
        search_filters={"PatientID": "P-1"}, fields=["StudyDescription"], fuzzymatching=False
    )
    assert study["00080061"]["Value"] == ["OT", "XC"]
    assert (study["00201206"]["Value"], study["00201208"]["Value"]) == ([2], [3])
    assert study["00081030"]["Value"] == ["Skin photos"]
    assert study["00100010"]["Value"] == [
        {"Alphabetic": "Hong^Gildong", "Ideographic": "洪^吉洞", "Phonetic": "홍^길동"}
    ]


def test_series_and_instances_are_found_at_every_resource(stored: Server) -> None:
    client = stored.client
    assert uids(client.search_for_series(STUDY), "0020000E") == ["1.2.3.2", "1.2.3.20"]
    assert uids(client.search_for_series(search_filters={"Modality": "OT"}), "0020000E") == ["1.2.3.20"]
    assert uids(client.search_for_instances(STUDY, "1.2.3.2"), "00080018") == ["1.2.3.11", "1.2.3.12"]
    assert len(client.search_for_instances(STUDY)) == 3
    assert uids(client.search_for_instances(search_filters={"InstanceNumber": "2"}), "00080018") == ["1.2.3.12"]


def test_pages_make_up_the_whole_in_a_stable_order(stored: Server) -> None:
    pages = [stored.client.search_for_instances(limit=1, offset=offset) for offset in range(4)]
    whole = stored.client.search_for_instances()
    assert [page for (page,) in pages] == whole
    assert stored.client.search_for_instances(offset=4) == []


def test_an_instance_comes_back_with_its_pixels_untouched(stored: Server) -> None:
    received = stored.client.retrieve_instance(STUDY, "1.2.3.2", "1.2.3.12")
    assert received.file_meta.TransferSyntaxUID == JPEG_BASELINE
    assert received.PixelData == dataset(photo()).PixelData
    assert received.PatientName == "Hong^Gildong=洪^吉洞=홍^길동"


def test_a_series_and_a_study_come_back_whole(stored: Server) -> None:
    assert len(stored.client.retrieve_series(STUDY, "1.2.3.2")) == 2
    received = stored.client.retrieve_study(STUDY)
    assert [one.SOPInstanceUID for one in received] == ["1.2.3.11", "1.2.3.12", "1.2.3.21"]


def test_metadata_of_each_level_and_its_bulk_data(stored: Server) -> None:
    client = stored.client
    assert len(client.retrieve_study_metadata(STUDY)) == 3
    assert len(client.retrieve_series_metadata(STUDY, "1.2.3.2")) == 2
    metadata = client.retrieve_instance_metadata(OTHER_STUDY, "1.2.4.2", "1.2.4.3")
    assert metadata["00280010"]["Value"] == [12]
    (bulk,) = client.retrieve_bulkdata(metadata["7FE00010"]["BulkDataURI"])
    assert bulk == PIXELS


def test_frames_come_back_as_they_were_stored(stored: Server) -> None:
    frames = stored.client.retrieve_instance_frames(STUDY, "1.2.3.2", "1.2.3.11", [1, 3])
    assert [frame.rstrip(b"\0") for frame in frames] == [jpeg(1).rstrip(b"\0"), jpeg(3).rstrip(b"\0")]
    (frame,) = stored.client.retrieve_instance_frames(
        STUDY, "1.2.3.2", "1.2.3.11", [2], media_types=(("image/jpeg", JPEG_BASELINE),)
    )
    assert frame.rstrip(b"\0") == jpeg(2).rstrip(b"\0")
    (native,) = stored.client.retrieve_instance_frames(OTHER_STUDY, "1.2.4.2", "1.2.4.3", [1])
    assert native == PIXELS


def test_what_is_not_there_is_404_and_finds_nothing(stored: Server) -> None:
    with pytest.raises(HTTPError, match="404"):
        stored.client.retrieve_study_metadata("1.2.999")
    assert stored.client.search_for_series("1.2.999") == []
