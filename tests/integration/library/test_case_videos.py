"""Videos as reference cases: cleaned while staff waits, shown by a frame, played in parts."""

import io
from pathlib import Path

import av
import pytest

from gateway.intake import case_routes
from gateway.library.tables import ReferencePictureRow
from tests.e2e.photos import photo
from tests.integration.intake.served import Served
from tests.integration.library.acts import CASES, added, post_case, work
from tests.unit.conversion.video.samples import METADATA, SECRETS, make_video


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path: Path = make_video(tmp_path_factory.mktemp("video") / "v.mp4", metadata=METADATA, options={"crf": "10"})
    return path.read_bytes()


def test_a_broken_video_is_refused_and_leaves_nothing(served: Served, video: bytes) -> None:
    before = len(list(served.gateway.storage.keys()))
    served.http.timeout = 120
    assert post_case(served, video[: len(video) // 3], {"disease": "nevus"}).status_code in {415, 422}
    assert post_case(served, video, {"disease": "no disease"}).status_code == 422
    assert not served.count(ReferencePictureRow)
    assert len(list(served.gateway.storage.keys())) == before
    assert not list(served.gateway.storage.pending_keys())


def test_a_second_video_at_the_same_time_is_asked_to_come_later(served: Served, video: bytes) -> None:
    with case_routes._ONE_VIDEO:
        refused = post_case(served, video, {"disease": "nevus"})
    assert refused.status_code == 503
    assert refused.headers["retry-after"]


def test_a_video_is_a_frame_and_what_moves_without_what_tells_its_owner(served: Served, video: bytes) -> None:
    served.http.timeout = 120
    case = added(served, video, body_site="back")
    (shown,) = case["pictures"]
    assert served.http.get(shown["picture"]).headers["content-type"] == "image/jpeg"
    played = served.http.get(shown["video"])
    assert played.headers["content-type"] == "video/mp4"
    assert not [secret for secret in SECRETS if secret in played.content]
    with av.open(io.BytesIO(played.content)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    part = served.http.get(shown["video"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, played.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(played.content)}"
    behind = served.http.get(shown["video"], headers={"Range": f"bytes={len(played.content)}-"})
    assert behind.status_code == 416
    work(served)
    assert served.http.delete(f"{CASES}/{case['id']}").status_code == 204
    assert served.http.get(shown["video"]).status_code == 404
    assert not list(served.gateway.storage.keys())


def test_a_picture_has_no_video(served: Served) -> None:
    (shown,) = added(served, photo(1))["pictures"]
    assert shown["video"] is None
    assert served.http.get(f"{shown['picture']}/video").status_code == 404
