"""Pictures over HTTP: the stored bytes where they will do, made ones where not, every refusal with its status."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from dicomweb.rendering.parameters import ColorProfile
from dicomweb.rendering.profiles import profile_of
from tests.integration.dicomweb.conftest import Server
from tests.unit.dicomweb.samples import element, encapsulated, part10, photo, sequence

INSTANCE = "/studies/1.2.3.1/series/1.2.3.2/instances/1.2.3.3"
REPORT = "1.2.840.10008.5.1.4.1.1.88.34"
VIDEO = "1.2.840.10008.5.1.4.1.1.77.1.4.1"
MP4_HIGH = "1.2.840.10008.1.2.4.102"
URI = {"requestType": "WADO", "studyUID": "1.2.3.1", "seriesUID": "1.2.3.2", "objectUID": "1.2.3.3"}


def scene(seed: int = 0) -> bytes:
    y, x = np.mgrid[0:48, 0:64]
    pixels = np.stack([(x * 3 + seed) % 256, y * 5, (x + y) * 2], axis=-1).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def store(server: Server, *files: bytes) -> None:
    parts = b"".join(b"--b\r\nContent-Type: application/dicom\r\n\r\n" + file + b"\r\n" for file in files)
    answer = server.http.post(
        "/studies",
        content=parts + b"--b--",
        headers={"Content-Type": 'multipart/related; type="application/dicom"; boundary=b'},
    )
    assert answer.status_code == 200, answer.text


def get(server: Server, path: str, accept: str = "image/jpeg", **params: str) -> httpx.Response:
    return server.http.get(path, headers={"Accept": accept}, params=params)


def pixels(data: bytes) -> npt.NDArray[np.int64]:
    return np.asarray(Image.open(BytesIO(data)).convert("RGB")).astype(np.int64)


def rgb_profile_element() -> tuple[int, bytes]:
    return 0x00282000, element(0x00282000, "OB", profile_of(ColorProfile.DISPLAY_P3))


@pytest.fixture
def one(server: Server) -> Server:
    store(server, photo(frames=[scene()]))
    return server


def test_a_stored_jpeg_is_answered_as_it_is_stored(one: Server) -> None:
    answer = get(one, INSTANCE + "/rendered")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.rstrip(b"\0") == scene()
    again = one.http.get(INSTANCE + "/rendered", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_stored_jpeg_gets_the_profile_of_its_header_and_loses_it_where_none_is_wanted(server: Server) -> None:
    store(server, photo(frames=[scene()], extra=[rgb_profile_element()]))
    stored = get(server, INSTANCE + "/rendered")
    assert Image.open(BytesIO(stored.content)).info["icc_profile"] == profile_of(ColorProfile.DISPLAY_P3)
    assert (pixels(stored.content) == pixels(scene())).all()
    plain = get(server, INSTANCE + "/rendered", iccprofile="no")
    assert "icc_profile" not in Image.open(BytesIO(plain.content)).info
    converted = get(server, INSTANCE + "/rendered", "image/png", iccprofile="srgb")
    assert np.abs(pixels(converted.content) - pixels(scene())).mean() > 2


def test_pngs_and_gifs_are_made_of_the_same_pixels(one: Server) -> None:
    made = get(one, INSTANCE + "/rendered", "image/png")
    assert (pixels(made.content) == pixels(scene())).all()
    assert get(one, INSTANCE + "/rendered", "image/gif").content.startswith(b"GIF8")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("quality", "0"), ("viewport", "a,b"), ("window", "1"), ("iccprofile", "x"), ("viewport", "9,9,64,0")],
)
def test_wrong_parameters_are_400_and_named(one: Server, parameter: str, value: str) -> None:
    answer = get(one, INSTANCE + "/rendered", **{parameter: value})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_cannot_be_followed_is_told_in_a_warning(one: Server) -> None:
    answer = get(one, INSTANCE + "/rendered", annotation="patient,moon", window="1,2,linear")
    assert answer.status_code == 200
    assert "moon" in answer.headers["warning"]
    assert "window" in answer.headers["warning"]
    assert answer.headers["warning"].startswith("299 ")


@pytest.mark.parametrize("accept", ["text/html", "video/mp4", "application/dicom+json"])
def test_forms_that_a_picture_has_not_are_406(one: Server, accept: str) -> None:
    assert get(one, INSTANCE + "/rendered", accept).status_code == 406


@pytest.mark.parametrize("suffix", ["/rendered", "/thumbnail", "/frames/1/rendered"])
def test_unknown_instances_are_404(one: Server, suffix: str) -> None:
    assert get(one, INSTANCE + "9" + suffix).status_code == 404


def test_frames_that_are_not_there_are_404_and_wrong_ones_400(one: Server) -> None:
    assert get(one, INSTANCE + "/frames/2/rendered").status_code == 404
    assert get(one, INSTANCE + "/frames/x/rendered").status_code == 400


def test_several_frames_are_parts_and_one_of_them_a_picture(server: Server) -> None:
    frames = [scene(0), scene(60), scene(120)]
    store(server, photo(frames=frames))
    second = get(server, INSTANCE + "/frames/2/rendered")
    assert (pixels(second.content) == pixels(frames[1])).all()
    both = get(server, INSTANCE + "/frames/2,3/rendered", 'multipart/related; type="image/jpeg"')
    assert both.content.count(b"\xff\xd8\xff") == 2
    assert b"/frames/3/rendered" in both.content
    assert get(server, INSTANCE + "/frames/2,3/rendered", "image/jpeg").status_code == 406
    animation = Image.open(BytesIO(get(server, INSTANCE + "/rendered", "image/gif").content))
    assert getattr(animation, "n_frames", 1) == 3


def test_a_study_is_its_pictures_or_one_that_stands_for_them(server: Server) -> None:
    store(server, photo(frames=[scene(0)]), photo(frames=[scene(90)], instance="1.2.3.4", number=2), report_file())
    several = get(server, "/studies/1.2.3.1/rendered", "*/*")
    assert several.headers["content-type"].startswith('multipart/related; type="image/jpeg"')
    assert several.content.count(b"\xff\xd8\xff") == 2
    single = get(server, "/studies/1.2.3.1/series/1.2.3.2/rendered", "image/jpeg")
    assert (pixels(single.content) == pixels(scene(0))).all()
    assert single.headers["content-location"].endswith(INSTANCE + "/rendered")


def test_a_damaged_frame_is_406_and_the_server_goes_on(server: Server) -> None:
    store(server, photo(frames=[b"\xff\xd8\xff\xe0" + bytes(50)]), photo(frames=[scene()], instance="1.2.3.4"))
    assert get(server, INSTANCE + "/rendered").status_code == 406
    assert get(server, INSTANCE + "/thumbnail").status_code == 406
    parts = get(server, "/studies/1.2.3.1/rendered", 'multipart/related; type="image/jpeg"')
    assert parts.status_code == 200
    assert parts.content.count(b"\xff\xd8\xff") == 1


def test_a_thumbnail_is_small_and_says_nothing(server: Server) -> None:
    buffer = BytesIO()
    Image.linear_gradient("L").resize((1000, 750)).convert("RGB").save(buffer, "JPEG", comment=b"Hong^Gildong")
    size = [(0x00280010, element(0x00280010, "US", 750)), (0x00280011, element(0x00280011, "US", 1000))]
    store(server, photo(frames=[buffer.getvalue()], extra=[*size, rgb_profile_element()]))
    first = get(server, INSTANCE + "/thumbnail")
    made = Image.open(BytesIO(first.content))
    assert made.size == (256, 192)
    assert not {"icc_profile", "comment", "exif"} & made.info.keys()
    assert b"Hong" not in first.content
    assert get(server, INSTANCE + "/thumbnail").content == first.content
    smaller = get(server, "/studies/1.2.3.1/thumbnail", viewport="32,32", annotation="patient")
    assert Image.open(BytesIO(smaller.content)).size == (32, 24)
    assert "annotation" in smaller.headers["warning"]


def test_a_picture_with_something_burned_in_has_no_thumbnail(server: Server) -> None:
    store(server, photo(frames=[scene()], extra=[(0x00280301, element(0x00280301, "CS", "YES"))]))
    assert get(server, INSTANCE + "/thumbnail").status_code == 406
    assert get(server, INSTANCE + "/rendered").status_code == 200


def test_a_study_without_pictures_has_no_thumbnail(server: Server) -> None:
    store(server, report_file())
    assert get(server, "/studies/1.2.3.1/thumbnail").status_code == 404


def report_file() -> bytes:
    name = sequence(0x0040A043, [element(0x00080104, "LO", "소견")])
    item = element(0x0040A040, "CS", "TEXT") + name + element(0x0040A160, "UT", "<b>왼쪽</b>")
    return part10(
        element(0x00080005, "CS", "ISO_IR 192")
        + element(0x00080016, "UI", REPORT)
        + element(0x00080018, "UI", "1.2.3.9")
        + element(0x00080060, "CS", "SR")
        + element(0x00100010, "PN", "Hong^Gildong")
        + element(0x00100020, "LO", "P-1")
        + element(0x0020000D, "UI", "1.2.3.1")
        + element(0x0020000E, "UI", "1.2.3.8")
        + element(0x0040A040, "CS", "CONTAINER")
        + sequence(0x0040A730, [item]),
        sop_class=REPORT,
        instance="1.2.3.9",
    )


def test_a_report_is_text_that_no_browser_runs(server: Server) -> None:
    store(server, report_file())
    path = "/studies/1.2.3.1/series/1.2.3.8/instances/1.2.3.9/rendered"
    page = get(server, path, "*/*")
    assert page.headers["content-type"].startswith("text/html")
    assert "charset=utf-8" in page.headers["content-type"]
    assert "sandbox" in page.headers["content-security-policy"]
    assert "&lt;b&gt;왼쪽&lt;/b&gt;" in page.text
    assert "소견: <b>왼쪽</b>" in get(server, path, "text/plain").text
    assert get(server, path, "image/jpeg").status_code == 406


def video_file(data: bytes) -> bytes:
    elements = {
        0x00080016: element(0x00080016, "UI", VIDEO),
        0x00080018: element(0x00080018, "UI", "1.2.3.3"),
        0x00100020: element(0x00100020, "LO", "P-1"),
        0x0020000D: element(0x0020000D, "UI", "1.2.3.1"),
        0x0020000E: element(0x0020000E, "UI", "1.2.3.2"),
        0x00280008: element(0x00280008, "IS", "5"),
        0x00280010: element(0x00280010, "US", 48),
        0x00280011: element(0x00280011, "US", 64),
        0x7FE00010: encapsulated([data]),
    }
    return part10(b"".join(elements[tag] for tag in sorted(elements)), MP4_HIGH, sop_class=VIDEO)


def small_video() -> bytes:
    av: Any = pytest.importorskip("av")
    buffer = BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 40 + number, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


def test_a_video_is_sent_as_it_is_stored_by_ranges_and_has_a_picture(server: Server) -> None:
    data = small_video()
    store(server, video_file(data))
    whole = get(server, INSTANCE + "/rendered", "*/*")
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.content[: len(data)] == data
    piece = server.http.get(INSTANCE + "/rendered", headers={"Accept": "video/mp4", "Range": "bytes=4-7"})
    assert (piece.status_code, piece.content) == (206, b"ftyp")
    for path in ("/rendered", "/thumbnail", "/frames/1/rendered"):
        poster = get(server, INSTANCE + path, "image/jpeg")
        assert poster.status_code == 200, poster.text
        assert np.abs(pixels(poster.content) - 40).max() < 8


def test_a_video_that_is_none_is_406_as_a_picture(server: Server) -> None:
    store(server, video_file(b"nothing at all"))
    assert get(server, INSTANCE + "/rendered", "image/jpeg").status_code == 406


def document_file(data: bytes) -> bytes:
    pdf_class = "1.2.840.10008.5.1.4.1.1.104.1"
    return part10(
        element(0x00080016, "UI", pdf_class)
        + element(0x00080018, "UI", "1.2.3.3")
        + element(0x00100020, "LO", "P-1")
        + element(0x0020000D, "UI", "1.2.3.1")
        + element(0x0020000E, "UI", "1.2.3.2")
        + element(0x00420011, "OB", data)
        + element(0x00420012, "LO", "application/pdf"),
        sop_class=pdf_class,
    )


def test_a_document_is_sent_as_it_is_stored_if_it_is_one(server: Server) -> None:
    data = b"%PDF-1.7\n" + bytes(2001) + b"%%EOF"
    store(server, document_file(data))
    answer = get(server, INSTANCE + "/rendered", "*/*")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content.rstrip(b"\0") == data


def test_a_document_that_is_no_pdf_is_406(server: Server) -> None:
    store(server, document_file(b"<html><script>" + bytes(2000)))
    assert get(server, INSTANCE + "/rendered", "*/*").status_code == 406


def test_dicomweb_client_gets_its_pictures(one: Server) -> None:
    uids = ("1.2.3.1", "1.2.3.2", "1.2.3.3")
    assert one.client.retrieve_instance_rendered(*uids).rstrip(b"\0") == scene()
    png = one.client.retrieve_instance_rendered(*uids, media_types=("image/png",))
    assert (pixels(png) == pixels(scene())).all()
    frame = one.client.retrieve_instance_frames_rendered(*uids, frame_numbers=[1])
    assert frame.rstrip(b"\0") == scene()


# -- WADO-URI


def uri(server: Server, base: str = "/wado", **values: str) -> httpx.Response:
    return server.http.get(base, params={**URI, **values})


def test_a_picture_is_had_by_query(one: Server) -> None:
    for base in ("/wado", "/"):
        answer = uri(one, base)
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.content.rstrip(b"\0") == scene()
    small = uri(one, contentType="image/png", rows="24", columns="32", region="0,0,0.5,0.5")
    assert Image.open(BytesIO(small.content)).size == (32, 24)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"requestType": "x"}, 400),
        ({"objectUID": ""}, 400),
        ({"objectUID": "1.9"}, 404),
        ({"contentType": "text/html"}, 406),
        ({"contentType": "nonsense"}, 400),
        ({"frameNumber": "2"}, 400),
        ({"frameNumber": "1", "contentType": "application/dicom"}, 400),
        ({"contentType": "application/dicom", "transferSyntax": "1.2.840.10008.1.2.4.90"}, 406),
        ({"anonymize": "yes", "contentType": "image/jpeg"}, 406),
    ],
)
def test_refusals_by_query(one: Server, values: dict[str, str], status: int) -> None:
    assert uri(one, **values).status_code == status


def test_files_are_had_by_query_as_stored_uncompressed_and_without_patient(one: Server) -> None:
    stored = uri(one, contentType="application/dicom")
    assert stored.headers["content-type"] == "application/dicom"
    assert stored.content == photo(frames=[scene()])
    explicit = uri(one, contentType="application/dicom", transferSyntax="1.2.840.10008.1.2.1")
    assert b"Gildong" in explicit.content
    for options in ({}, {"transferSyntax": "1.2.840.10008.1.2.1"}):
        answer = uri(one, anonymize="yes", contentType="application/dicom", **options)
        assert answer.status_code == 200
        assert b"Gildong" not in answer.content
        assert b"P-1" not in answer.content


def test_frames_are_had_by_query_and_files_of_several_frames_by_default(server: Server) -> None:
    frames: Sequence[bytes] = [scene(0), scene(60)]
    store(server, photo(frames=frames))
    assert uri(server).headers["content-type"] == "application/dicom"
    assert (pixels(uri(server, frameNumber="2").content) == pixels(frames[1])).all()
    assert uri(server, frameNumber="3").status_code == 400
    store(server, report_file())
    page = uri(server, seriesUID="1.2.3.8", objectUID="1.2.3.9")
    assert page.headers["content-type"].startswith("text/html")
    assert uri(server, seriesUID="1.2.3.8", objectUID="1.2.3.9", anonymize="yes").status_code == 406
