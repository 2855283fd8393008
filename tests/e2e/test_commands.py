"""The shipped commands, each as its user runs it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.e2e.gateway_process import GatewayProcess, destination
from tests.e2e.photos import FAULT, add_model, photo
from tests.models import overwrite
from tests.peers import Orthanc, free_port

Wait = Callable[..., None]


@pytest.fixture
def idle(tmp_path: Path) -> GatewayProcess:
    """A gateway that is not running, with settings and models."""
    return GatewayProcess(tmp_path / "gateway")


# -- check


def test_check_is_content_with_a_good_configuration_and_makes_nothing(tmp_path: Path, orthanc: Orthanc) -> None:
    gateway = GatewayProcess(tmp_path / "gateway", destination(orthanc))
    done = gateway.run("check")
    assert done.returncode == 0, done.stdout
    assert "destination pacs" in done.stdout
    assert not (gateway.folder / "dermgate.db").exists()
    assert not (gateway.folder / "objects").exists()


def test_check_names_what_cannot_be_reached_or_used(tmp_path: Path) -> None:
    nobody = f'[[destinations]]\nname = "far"\nport = {free_port()}\nae_title = "FAR"\n'
    gateway = GatewayProcess(tmp_path / "gateway", nobody)
    overwrite(gateway.models / "disease" / "1" / "model.onnx", b"not a model")
    done = gateway.run("check")
    assert done.returncode == 1
    faults = {line.split("│")[1].strip() for line in done.stdout.splitlines() if "│" in line and "ok" not in line}
    assert faults == {"destination far", "models"}


def test_check_knows_deliveries_that_nobody_will_send(tmp_path: Path) -> None:
    nobody = f'[[destinations]]\nname = "far"\nport = {free_port()}\nae_title = "FAR"\n'
    gateway = GatewayProcess(tmp_path / "gateway", nobody)
    with gateway:
        gateway.accepted(photo(1))
    gateway.config.write_text(gateway.config.read_text().replace(nobody, ""))
    done = gateway.run("check")
    assert done.returncode == 1
    assert "2 deliveries wait" in done.stdout, "the photo's and its report's"


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ("[http]\nprot = 1\n", "http.prot"),
        ("[nonsense]\n", "nonsense"),
        ('[site]\ntimezone = "Mars/Base"\n', "site.timezone"),
        ('[[destinations]]\nname = "x"\nport = 99999\nae_title = "X"\n', "destinations.0.port"),
    ],
)
def test_a_setting_that_is_wrong_is_named_with_its_place_and_nothing_starts(
    idle: GatewayProcess, more: str, place: str
) -> None:
    idle.config.write_text(more)
    for command in ("check", "serve"):  # neither gets as far as starting anything
        done = idle.run(command)
        assert done.returncode == 2
        assert place in done.stderr
        assert "Traceback" not in done.stderr


# -- keys


def test_a_key_is_shown_once_works_and_ends_when_revoked(tmp_path: Path) -> None:
    with GatewayProcess(tmp_path / "gateway", '[[hospitals]]\nname = "north"\n') as gateway:
        created = gateway.run("keys", "create", "ward 7", "--role", "administrator", "--hospital", "north")
        assert created.returncode == 0, created.stderr
        bearer = {"Authorization": f"Bearer {created.stdout.strip()}"}
        assert gateway.http.get("/api/v1/photos").status_code == 401, "a key exists: nobody is trusted without one"
        assert gateway.http.get("/api/v1/photos", headers=bearer).status_code == 200
        listed = gateway.run("keys", "list").stdout
        assert "ward 7" in listed
        assert created.stdout.strip() not in listed
        key_id = next(line.split("│")[1].strip() for line in listed.splitlines() if "ward 7" in line)
        assert gateway.run("keys", "revoke", key_id).returncode == 0
        assert gateway.http.get("/api/v1/photos", headers=bearer).status_code == 401
        for wrong in (("keys", "revoke", "nope"), ("keys", "create", "x", "--role", "viewer", "--hospital", "moon")):
            done = gateway.run(*wrong)
            assert done.returncode == 2
            assert "Traceback" not in done.stderr


# -- models


def test_models_are_listed_shown_promoted_and_rolled_back_under_a_running_gateway(
    tmp_path: Path, wait_for: Wait
) -> None:
    with GatewayProcess(tmp_path / "gateway") as gateway:
        add_model(gateway.models, tmp_path / "made", "suitability", 2, FAULT)
        wait_for(lambda: gateway.post(photo(1)).json()["state"] == "rejected", "the new model serves")
        assert "active" in gateway.run("models", "list").stdout
        shown = json.loads(gateway.run("models", "show", "suitability", "2").stdout)
        assert (shown["task"], shown["version"]) == ("suitability", 2)
        assert gateway.run("models", "rollback", "suitability").returncode == 0
        wait_for(lambda: gateway.post(photo(1)).json()["state"] == "accepted", "the old model serves again")
        assert gateway.run("models", "promote", "suitability", "2").returncode == 2
        assert gateway.run("models", "promote", "suitability", "2", "--again").returncode == 0
        wait_for(lambda: gateway.post(photo(1)).json()["state"] == "rejected", "the new model serves")
        done = gateway.run("models", "promote", "suitability", "77")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


# -- deliveries


def test_deliveries_are_listed_cancelled_and_sent_again(tmp_path: Path, orthanc: Orthanc, wait_for: Wait) -> None:
    orthanc.stop()
    with GatewayProcess(tmp_path / "gateway", destination(orthanc)) as gateway:
        submission = gateway.accepted(photo(1))
        listed = gateway.run("deliveries", "list", "--destination", "pacs").stdout
        assert submission["dicom"]["sop_instance_uid"] in listed
        (delivery_id,) = (
            str(delivery["id"])
            for delivery in gateway.http.get("/api/v1/deliveries").json()["deliveries"]
            if delivery["sop_instance_uid"] == submission["dicom"]["sop_instance_uid"]
        )

        def cancelled() -> bool:
            return gateway.run("deliveries", "cancel", delivery_id).returncode == 0

        wait_for(cancelled, "it is cancelled between two attempts")
        orthanc.start()
        assert gateway.deliveries(submission["id"]) == ["cancelled"]
        assert gateway.run("deliveries", "retry", delivery_id).returncode == 0
        wait_for(lambda: gateway.deliveries(submission["id"]) == ["confirmed"], "it is proven")
        again = gateway.run("deliveries", "retry", delivery_id)
        assert again.returncode == 2
        listed = gateway.run("deliveries", "list", "--state", "confirmed").stdout
        assert listed.count(submission["dicom"]["sop_instance_uid"]) == 1


# -- verify


def test_verify_finds_what_is_missing_changed_or_in_no_index(tmp_path: Path) -> None:
    gateway = GatewayProcess(tmp_path / "gateway")
    with gateway:
        for number in range(3):
            gateway.accepted(photo(number))
    first, second, *_ = sorted((gateway.folder / "objects" / "objects").rglob("*.dcm"))
    changed = bytearray(second.read_bytes())
    changed[-1] ^= 1
    second.write_bytes(changed)
    (first.parent / f"{first.name[:4]}{'f' * 28}.dcm").write_bytes(b"stray")
    first.unlink()
    done = gateway.run("verify")
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stdout.splitlines()[:2]] == ["missing", "wrong"]
    assert "in no index" in done.stdout
    assert gateway.run("verify", "--quick").returncode == 1


# -- db


def test_a_database_is_upgraded_once(postgres_url: str, tmp_path: Path) -> None:
    gateway = GatewayProcess(tmp_path / "gateway", database=postgres_url)
    assert gateway.run("check").returncode == 1
    first = gateway.run("db", "upgrade").stdout
    assert first.startswith("schema none -> ")
    head = first.split("-> ")[1].strip()
    assert gateway.run("db", "upgrade").stdout == f"schema {head} -> {head}\n"
    assert gateway.run("check").returncode == 0
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM submissions")) == 0
    engine.dispose()


def test_a_database_that_does_not_answer_is_told_in_words(tmp_path: Path) -> None:
    address = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nothing"
    gateway = GatewayProcess(tmp_path / "gateway", database=address)
    for command in (("serve",), ("verify",), ("db", "upgrade"), ("keys", "list")):
        done = gateway.run(*command)
        assert done.returncode == 2, command
        assert "Traceback" not in done.stderr
    assert gateway.run("check").returncode == 1


# -- submit


def test_submit_posts_with_facts_and_says_what_became_of_each(tmp_path: Path) -> None:
    (tmp_path / "good.jpg").write_bytes(photo(1))
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    good, bad, absent = (str(tmp_path / name) for name in ("good.jpg", "bad.jpg", "absent.jpg"))
    with GatewayProcess(tmp_path / "gateway") as gateway:
        done = gateway.run("submit", good, "--patient-id", "P-1", "--patient-name", "홍길동")
        assert done.returncode == 0, done.stderr
        assert "accepted" in done.stdout
        (study,) = gateway.http.get("/dicom-web/studies", params={"PatientID": "P-1"}).json()
        assert study["00100010"]["Value"][0]
        several = gateway.run("submit", bad, good, absent)
        assert several.returncode == 1
        assert "refused (415)" in several.stdout
        assert "accepted" in several.stdout
        assert "not posted" in several.stdout
        assert gateway.run("submit", good, "--body-site", "moon").returncode == 1
    nobody = gateway.run("submit", good)
    assert nobody.returncode == 1
    assert "no answer" in nobody.stdout
