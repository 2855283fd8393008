"""dicomweb-client, unchanged, against the application."""

import inspect
import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from dicomweb_client.api import DICOMwebClient
from PIL import Image
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


def test_every_method_of_the_client_is_tried_here() -> None:
    methods = {name for name, _ in inspect.getmembers(DICOMwebClient, callable) if not name.startswith("_")}
    tried = set(re.findall(r"\.(\w+)\(", Path(__file__).read_text("utf-8")))
    assert methods - tried == set()


def test_the_client_is_set_up_without_asking_the_server(server: Server) -> None:
    client = DICOMwebClient(server.base_url)
    client.set_chunk_size(64 * 1024)
    client.set_http_retry_params(retry=True, max_attempts=2, wait_exponential_multiplier=1)
    assert (client.lookup_tag("PatientName"), client.lookup_keyword("00100010")) == ("00100010", "PatientName")
    assert client.search_for_studies() == []
    client._session.close()


def test_the_client_fetches_page_after_page_by_itself(stored: Server) -> None:
    assert len(stored.client.search_for_instances(limit=1, get_remaining=True)) == 4
    assert len(stored.client.search_for_studies(limit=1, get_remaining=True)) == 2


def test_instances_are_stored_into_a_named_study_and_into_no_other(server: Server) -> None:
    kept = server.client.store_instances([dataset(photo())], study_instance_uid=STUDY)
    assert len(kept.ReferencedSOPSequence) == 1
    with pytest.raises(HTTPError, match="409"):
        server.client.store_instances([dataset(photo(instance="1.2.3.9"))], study_instance_uid=OTHER_STUDY)


def test_studies_and_series_are_taken_one_instance_after_the_other(stored: Server) -> None:
    client = stored.client
    assert [one.SOPInstanceUID for one in client.iter_study(STUDY)] == ["1.2.3.11", "1.2.3.12", "1.2.3.21"]
    assert [one.SOPInstanceUID for one in client.iter_series(STUDY, "1.2.3.2")] == ["1.2.3.11", "1.2.3.12"]


@pytest.mark.parametrize("syntax", ["*", JPEG_BASELINE])
def test_a_transfer_syntax_may_be_named(stored: Server, syntax: str) -> None:
    wanted = (("application/dicom", syntax),)
    assert len(stored.client.retrieve_study(STUDY, media_types=wanted)) == 3
    assert len(stored.client.retrieve_series(STUDY, "1.2.3.2", media_types=wanted)) == 2
    received = stored.client.retrieve_instance(STUDY, "1.2.3.2", "1.2.3.12", media_types=wanted)
    assert received.file_meta.TransferSyntaxUID == JPEG_BASELINE


def test_frames_come_one_after_the_other(stored: Server) -> None:
    frames = stored.client.iter_instance_frames(STUDY, "1.2.3.2", "1.2.3.11", [1, 2])
    assert [frame.rstrip(b"\0") for frame in frames] == [jpeg(1).rstrip(b"\0"), jpeg(2).rstrip(b"\0")]


def test_bulk_data_comes_whole_and_in_a_stream(stored: Server) -> None:
    metadata = stored.client.retrieve_instance_metadata(OTHER_STUDY, "1.2.4.2", "1.2.4.3")
    url = metadata["7FE00010"]["BulkDataURI"]
    octets = (("application/octet-stream", "*"),)
    assert b"".join(stored.client.iter_bulkdata(url)) == PIXELS
    assert b"".join(stored.client.retrieve_bulkdata(url, media_types=octets)) == PIXELS
    ranged = stored.client.retrieve_bulkdata(url, media_types=octets, byte_range=(10, 19))
    # The client takes parts only, and of those no range is sent (RFC 9110 14.2: whoever answers may leave Range aside).
    assert b"".join(ranged) == PIXELS


PICTURE_TYPES = [
    (None, "JPEG"),
    (("image/jpeg",), "JPEG"),
    (("image/png",), "PNG"),
    (("image/gif",), "GIF"),
    (("image/jpeg", "image/png"), "JPEG"),
]


@pytest.mark.parametrize(("media_types", "expected"), PICTURE_TYPES)
def test_pictures_are_rendered_of_series_instance_and_frames(stored: Server, media_types: Any, expected: str) -> None:
    client, instance = stored.client, (STUDY, "1.2.3.2", "1.2.3.12")
    for rendered in (
        client.retrieve_series_rendered(STUDY, "1.2.3.20", media_types=media_types),
        client.retrieve_instance_rendered(*instance, media_types=media_types),
        client.retrieve_instance_frames_rendered(*instance, [1], media_types=media_types),
    ):
        with Image.open(BytesIO(rendered)) as picture:
            assert (picture.format, picture.size) == (expected, (64, 48))


def test_a_rendered_picture_has_the_size_and_quality_asked_for(stored: Server) -> None:
    instance = (STUDY, "1.2.3.2", "1.2.3.12")
    small = stored.client.retrieve_instance_rendered(
        *instance, media_types=("image/jpeg",), params={"viewport": "32,24", "quality": 50}
    )
    with Image.open(BytesIO(small)) as picture:
        assert picture.size == (32, 24)


def test_instances_series_and_studies_are_deleted(stored: Server) -> None:
    client = stored.client
    client.delete_instance(STUDY, "1.2.3.2", "1.2.3.11")
    assert uids(client.search_for_instances(STUDY), "00080018") == ["1.2.3.12", "1.2.3.21"]
    client.delete_series(STUDY, "1.2.3.2")
    assert uids(client.search_for_series(STUDY), "0020000E") == ["1.2.3.20"]
    client.delete_study(STUDY)
    assert uids(client.search_for_studies(), "0020000D") == [OTHER_STUDY]
    with pytest.raises(HTTPError, match=r"404|410"):
        client.retrieve_study(STUDY)
