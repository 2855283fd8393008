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
from trainer.photos.csv_source import read_csv
from trainer.photos.errors import LabelsUnreachable, NotAllowed
from trainer.photos.folder_source import read_folder
from trainer.sorting.command import add_arguments, run
from trainer.sorting.errors import SortingError
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
    assert (out / "photos" / "usable" / "ward <b>__dark.jpg").read_bytes() == (
        photos / "ward <b>" / "dark.jpg"
    ).read_bytes()
    assert (out / "photos" / "unusable" / "out_of_focus" / "soft.png").is_file()
    assert (out / "no_picture" / "broken.jpg").is_file()
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
    assert (row["suitability"], row["said_by"], row["rule_label"]) == ("out_of_focus", "doctor", "usable")
    assert "kappa" in said
    assert "out_of_focus: refused 0.500" in (tmp_path / "out" / "agreement.txt").read_text()


def test_what_was_sorted_is_trained_on_from_the_table_and_from_the_folder(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sort(photos, "--out", out, "--copy")
    said = {"good.png": "usable", "soft.png": "out_of_focus", "blue.png": "not_skin"}
    from_table = read_csv(out / "sorted.csv", photos)
    assert {claim.name: claim.suitability for claim in from_table.claims} == said | {"ward <b>/dark.jpg": "usable"}
    assert {claim.said_by for claim in from_table.claims} == {"rule"}
    from_folder = read_folder(out / "photos").claims
    assert {claim.path.name: claim.suitability for claim in from_folder} == said | {"ward <b>__dark.jpg": "usable"}


def test_what_the_sorter_wrote_is_not_sorted_again(photos: Path) -> None:
    sort(photos, "--out", photos / "sorted", "--copy")
    before = rows_of(photos / "sorted")
    sort(photos, "--out", photos / "sorted", "--no-pictures")
    assert rows_of(photos / "sorted").keys() == before.keys()
    with pytest.raises(BadData, match="another folder"):
        sort(photos, "--out", photos)


def test_a_rules_word_is_not_taken_for_a_doctors(photos: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("file,suitability,said_by\ngood.png,watermark,rule\nsoft.png,out_of_focus,doctor\n")
    sort(photos, "--out", tmp_path / "out", "--labels", labels, "--no-pictures")
    assert {row["file"] for row in rows_of(tmp_path / "out").values() if row["said_by"] == "doctor"} == {"soft.png"}


def test_moving_leaves_nothing_behind_and_overwrites_nothing(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    mine = out / "photos" / "usable" / "good.png"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    assert "1 stay where they are" in sort(photos, "--out", out, "--move", "--no-pictures")
    assert mine.read_bytes() == b"mine"
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


KINDS = "kind=suitability&kind=diagnosis&kind=deletion"


@contextmanager
def gateway(status: int = 204) -> Iterator[tuple[str, list[tuple[str, dict[str, object]]]]]:
    """The three answers of a gateway that sorting needs; photos p1, which a doctor called out of focus, p2, and p3,
    of which a rule said already that it is usable.
    """
    file = io.BytesIO()
    usable().save(file, "PNG")
    said: list[tuple[str, dict[str, object]]] = []
    label = {"number": 1, "photo_id": "p1", "hospital": "default", "usable": False, "reason": "out_of_focus"}
    rule = {**label, "number": 2, "photo_id": "p3", "usable": True, "reason": None, "source": "rule"}
    answers = {
        "/api/v1/photos?limit=200": {"photos": [{"id": "p1"}], "next": "c"},
        "/api/v1/photos?limit=200&cursor=c": {"photos": [{"id": "p2"}, {"id": "p3"}], "next": None},
        f"/api/v1/labels?after=0&limit=500&{KINDS}": {
            "labels": [{**label, "source": "doctor"}, rule],
            "next": 2,
            "more": False,
        },
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
    body = {"usable": True, "reason": None, "source": "rule"}  # of p3 it stands there already
    assert said == [("/api/v1/photos/p1/label", body), ("/api/v1/photos/p2/label", body)]
    rows = rows_of(tmp_path / "out")
    assert (rows["p1"]["suitability"], rows["p1"]["said_by"], rows["p1"]["rule_label"]) == (
        "out_of_focus",
        "doctor",
        "usable",
    )
    assert rows["p2"]["said_by"] == "rule"


@pytest.mark.parametrize(("status", "word"), [(401, "key"), (403, r"labels\.read.*role trainer"), (422, "422")])
def test_a_gateway_that_refuses_a_label_stops_the_sorting(tmp_path: Path, status: int, word: str) -> None:
    with gateway(status) as (url, _), pytest.raises(LabelsUnreachable, match=word) as refused:
        sort("--gateway", url, "--out", tmp_path / "out", "--no-pictures")
    assert isinstance(refused.value, NotAllowed) == (status in (401, 403)), "what asking again is of no use for"
