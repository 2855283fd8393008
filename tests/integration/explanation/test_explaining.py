"""What answers of the bundled models stand on, over HTTP."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gateway.explanation.documents import ShownExplanation
from tests.integration.explanation.conftest import MARK, as_jpeg, marked, scene
from tests.integration.intake.served import Served


@pytest.fixture(scope="module")
def rejected(real: Served) -> dict[str, Any]:
    submission = real.accepted(marked())
    assert submission["judgement"]["reasons"][0]["code"] == "watermark"
    return submission


@pytest.fixture(scope="module")
def usable(real: Served) -> dict[str, Any]:
    submission = real.accepted(as_jpeg(scene()))
    assert submission["state"] == "accepted"
    return submission


def picture(real: Served, place: str, **headers: str) -> Image.Image:
    response = real.http.get(place, headers=headers).raise_for_status()
    assert response.headers["content-type"] == "image/png"
    return Image.open(io.BytesIO(response.content))


def test_a_rejection_says_where_in_the_frame_the_fault_is(real: Served, rejected: dict[str, Any]) -> None:
    explanation = real.get(rejected["explanation"])
    ShownExplanation.model_validate(explanation)
    about = {"kind": "fault", "code": "watermark", "name": rejected["judgement"]["reasons"][0]["name"]}
    assert explanation["about"].items() >= about.items()
    assert explanation["clear_region"] is True
    left, top, right, bottom = MARK
    region = explanation["region"]
    assert left - 0.15 <= region["left"] < region["right"]
    assert top - 0.15 <= region["top"] < region["bottom"]
    assert region["left"] < right
    assert region["top"] < bottom
    assert explanation["probability"] - explanation["probability_without"] >= 0.05


def test_it_says_that_it_is_a_hint_and_no_evidence(real: Served, rejected: dict[str, Any]) -> None:
    english = real.get(rejected["explanation"])
    assert "no evidence" in english["note"]
    assert "demonstration" in english["note"]
    korean = real.get(rejected["explanation"], **{"Accept-Language": "ko"})
    assert "증거가 아닙니다" in korean["note"]
    assert "워터마크" in korean["words"] or korean["about"]["name"] in korean["words"]


def test_the_map_lies_over_the_photo_with_a_legend_below(real: Served, rejected: dict[str, Any]) -> None:
    shown = picture(real, real.get(rejected["explanation"])["picture"])
    assert shown.mode == "RGB"
    assert shown.width == 800
    assert 600 < shown.height < 900


def test_the_map_alone_is_transparent_where_it_says_nothing(real: Served, rejected: dict[str, Any]) -> None:
    heat = picture(real, real.get(rejected["explanation"])["heat"])
    assert (heat.mode, heat.size) == ("RGBA", (800, 600))
    alpha = np.asarray(heat)[..., 3]
    left, top, right, bottom = (round(edge * side) for edge, side in zip(MARK, (800, 600, 800, 600), strict=True))
    assert alpha[top:bottom, left:right].max() > 100
    assert alpha[400:, :400].max() == 0


def test_a_photo_that_was_held_sideways_is_explained_upright(real: Served) -> None:
    turned = real.get(real.accepted(marked(orientation=6))["explanation"])
    assert turned["clear_region"] is True
    assert turned["region"]["left"] > MARK[0] - 0.15
    assert turned["region"]["bottom"] < MARK[3] + 0.15


def test_the_first_disease_of_a_usable_photo_is_explained(real: Served, usable: dict[str, Any]) -> None:
    explanation = real.get(usable["explanation"])
    first = usable["ranking"]["diseases"][0]
    assert explanation["about"] == {
        "kind": "disease", "code": first["code"], "name": first["name"], "probability": first["probability"],
    }  # fmt: skip
    assert explanation["explained_by"] == explanation["answered_by"] == usable["ranking"]["model"]
    assert explanation["probability"] == pytest.approx(first["probability"], abs=0.02)
    assert first["name"] in explanation["words"]
    assert (explanation["region"] is None) is (not explanation["clear_region"])


def test_what_was_explained_is_kept(real: Served, usable: dict[str, Any]) -> None:
    assert real.get(usable["explanation"]) == real.get(usable["explanation"])


def test_a_picture_that_the_browser_has_is_not_drawn_again(real: Served, rejected: dict[str, Any]) -> None:
    place = real.get(rejected["explanation"])["picture"]
    etag = real.http.get(place).headers["etag"]
    assert real.http.get(place, headers={"If-None-Match": etag}).status_code == 304
    assert real.http.get(f"{place}?layer=heat", headers={"If-None-Match": etag}).status_code == 200
    assert real.http.get(place, headers={"If-None-Match": etag, "Accept-Language": "ko"}).status_code == 200


def test_a_layer_that_there_is_not_is_refused(real: Served, rejected: dict[str, Any]) -> None:
    assert real.http.get(f"{rejected['explanation']}/picture?layer=all").status_code == 422
