"""`dermgate-train sort --gateway` on a running gateway: rules speak, doctors keep the last word."""

from pathlib import Path

import httpx
import pytest

from tests.integration.trainer.test_gateway_labels import Labelled, labelled
from tests.peers import LOOPBACK
from trainer.cli import main

__all__ = ["labelled"]  # a fixture


def sort(labelled: Labelled, out: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("DERMGATE_KEY", labelled.key)
    url = f"http://{LOOPBACK}:{labelled.served.port}"
    return main(["sort", "--gateway", url, "--out", str(out), "--no-pictures"])


def labels(labelled: Labelled) -> list[dict[str, object]]:
    answer: list[dict[str, object]] = labelled.served.http.get("/api/v1/labels").json()["labels"]
    return answer


def test_a_trainers_key_posts_rules_labels_and_leaves_the_doctors(
    labelled: Labelled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labelled.say(0, "watermark")
    assert sort(labelled, tmp_path / "sorted", monkeypatch) == 0
    said = labels(labelled)
    assert [(one["source"], one["reason"]) for one in said[:1]] == [("doctor", "watermark")]
    by_rule = [one for one in said if one["source"] == "rule"]
    assert {one["photo_id"] for one in by_rule} <= {photo["id"] for photo in labelled.photos}
    assert len(by_rule) >= len(labelled.photos) - 1
    assert all(str(one["said_by"]).startswith("key:") for one in by_rule)


def test_a_trainers_key_does_not_speak_as_a_doctor(labelled: Labelled) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {labelled.key}"}, timeout=60) as client:
        url = f"http://{LOOPBACK}:{labelled.served.port}/api/v1/photos/{labelled.photos[0]['id']}/label"
        assert client.post(url, json={"usable": True}).status_code == 403
        assert client.post(url, json={"usable": True, "source": "rule"}).status_code == 204
        assert client.post(url, json={"usable": True, "source": "robot"}).status_code == 422
    assert [one["source"] for one in labels(labelled)] == ["rule"]
