"""`dermgate-train sort` from end to end: folders, labels, files that are none, a gateway's answers."""

import argparse
import csv
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from tests.unit.trainer.sorting.drawn import blurred, usable
from trainer.errors import BadData, TrainingError
from trainer.sorting.command import add_arguments, run
from trainer.sorting.errors import GatewayRefused, SortingError
from trainer.sorting.thresholds import read_thresholds


def sort(*arguments: str | Path) -> str:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    console = Console(file=io.StringIO(), width=300)
    assert run(parser.parse_args([str(one) for one in arguments]), console) == 0
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def rows_of(out: Path) -> dict[str, dict[str, str]]:
    with (out / "sorted.csv").open(encoding="utf-8", newline="") as lines:
        return {row["file"]: row for row in csv.DictReader(lines)}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "ward <b>").mkdir(parents=True)
    usable().save(folder / "good.png")
    usable("dark").save(folder / "ward <b>" / "dark.jpg", quality=92)
    blurred(usable(), 0.02).save(folder / "soft.png")
    Image.new("RGB", (300, 300), (20, 60, 190)).save(folder / "blue.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (folder / "notes.txt").write_text("no photo")
    return folder


def test_a_folder_is_sorted_and_a_broken_file_is_named(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = sort(photos, "--out", out, "--copy")
    rows = rows_of(out)
    assert {name: row["rule_label"] for name, row in rows.items()} == {
        "good.png": "usable",
        "ward <b>/dark.jpg": "usable",
        "soft.png": "out_of_focus",
        "blue.png": "not_skin",
        "broken.jpg": "",
    }
    assert rows["broken.jpg"]["problem"]
    assert float(rows["soft.png"]["focus"]) < float(rows["good.png"]["focus"])
    assert (out / "usable" / "ward <b>" / "dark.jpg").read_bytes() == (photos / "ward <b>" / "dark.jpg").read_bytes()
    assert (out / "unusable" / "out_of_focus" / "soft.png").is_file()
    assert (photos / "soft.png").is_file()
    assert "usable: 2" in said


def test_the_page_escapes_names_and_shows_the_pictures_that_explain(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sort(photos, "--out", out)
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "ward &lt;b&gt;/dark.jpg" in page
    assert "ward <b>" not in page
    assert "http://" not in page
    assert "https://" not in page
    with Image.open(out / "explained" / "000001.jpg") as picture:
        assert picture.width == 1000


def test_a_doctors_word_wins_and_the_rules_stays_beside_it(photos: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("file,suitability\ngood.png,out_of_focus\nsoft.png,out_of_focus\nblue.png,\n")
    said = sort(photos, "--out", tmp_path / "out", "--labels", labels, "--no-pictures")
    row = rows_of(tmp_path / "out")["good.png"]
    assert (row["label"], row["said_by"], row["rule_label"]) == ("out_of_focus", "doctor", "usable")
    assert "kappa" in said
    assert "out_of_focus: refused 0.500" in (tmp_path / "out" / "agreement.txt").read_text()


def test_moving_leaves_nothing_behind_and_overwrites_nothing(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "usable").mkdir(parents=True)
    (out / "usable" / "good.png").write_bytes(b"mine")
    sort(photos, "--out", out, "--move", "--no-pictures")
    assert (out / "usable" / "good.png").read_bytes() == b"mine"
    assert (photos / "good.png").is_file()
    assert not (photos / "soft.png").exists()


def test_thresholds_are_fitted_to_usable_photos(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    names = [f"{seed}.png" for seed in range(20)]
    for seed, name in enumerate(names):
        usable(seed=seed).resize((200, 150)).save(folder / name)
    labels = tmp_path / "labels.csv"
    labels.write_text("file,suitability\n" + "".join(f"{name},usable\n" for name in names))
    fitted = tmp_path / "fitted.toml"
    options = ("--labels", labels, "--no-pictures", "--out", tmp_path / "out")
    sort(folder, *options, "--fit-thresholds", fitted, "--false-rejects", "0.1")
    assert read_thresholds(fitted).criteria
    sort(folder, *options, "--thresholds", fitted)
    refused = [row for row in rows_of(tmp_path / "out").values() if row["rule_label"] != "usable"]
    assert len(refused) <= 2


def test_a_reference_photo_sets_the_scale(photos: Path, tmp_path: Path) -> None:
    sort(photos, "--out", tmp_path / "out", "--no-pictures", "--reference-photo", photos / "good.png")
    with pytest.raises(TrainingError, match="lesion_share"):
        sort(photos, "--out", tmp_path / "out", "--reference-photo", photos / "blue.png")


@pytest.mark.parametrize("text", ["file,other\na,b\n", "file,suitability\na.png,blurry\n", "\x00"])
def test_labels_that_are_none_are_refused(photos: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "labels.csv").write_text(text)
    if text == "\x00":
        (tmp_path / "labels.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadData):
        sort(photos, "--out", tmp_path / "out", "--labels", tmp_path / "labels.csv")


def test_nothing_to_sort_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadData):
        sort(tmp_path, "--out", tmp_path / "out")
    with pytest.raises(SortingError):
        sort("--out", tmp_path / "out")


@contextmanager
def gateway(status: int = 204) -> Iterator[tuple[str, list[tuple[str, dict[str, object]]]]]:
    """The three answers of a gateway that sorting needs; a photo p1 that a doctor called out of focus, and p2."""
    file = io.BytesIO()
    usable().save(file, "PNG")
    said: list[tuple[str, dict[str, object]]] = []
    label = {"number": 1, "photo_id": "p1", "hospital": "default", "usable": False, "reason": "out_of_focus"}
    answers = {
        "/api/v1/photos?limit=200": {"photos": [{"id": "p1"}], "next": "c"},
        "/api/v1/photos?limit=200&cursor=c": {"photos": [{"id": "p2"}], "next": None},
        "/api/v1/labels?after=0&limit=500": {"labels": [{**label, "source": "doctor"}], "next": 1, "more": False},
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            picture = self.path.endswith("/picture")
            body = file.getvalue() if picture else json.dumps(answers[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            said.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class' name
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", said
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_gateways_photos_get_rules_labels_and_doctors_words_stay(tmp_path: Path) -> None:
    with gateway() as (url, said):
        sort("--gateway", url, "--out", tmp_path / "out", "--no-pictures")
    body = {"usable": True, "reason": None, "source": "rule"}
    assert said == [("/api/v1/photos/p1/label", body), ("/api/v1/photos/p2/label", body)]
    rows = rows_of(tmp_path / "out")
    assert (rows["p1"]["label"], rows["p1"]["said_by"], rows["p1"]["rule_label"]) == (
        "out_of_focus",
        "doctor",
        "usable",
    )
    assert rows["p2"]["said_by"] == "rule"


@pytest.mark.parametrize(("status", "word"), [(401, "key"), (403, "clinician"), (422, "rule"), (500, "500")])
def test_a_gateway_that_refuses_a_label_stops_the_sorting(tmp_path: Path, status: int, word: str) -> None:
    with gateway(status) as (url, _), pytest.raises(GatewayRefused, match=word):
        sort("--gateway", url, "--out", tmp_path / "out", "--no-pictures")
