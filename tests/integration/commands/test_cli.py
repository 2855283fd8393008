"""The commands, called as `main` in this process, on settings in a folder that is not the working directory."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.commands.errors import CommandError
from gateway.commands.models import named_model

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an empty settings file; another one is the working directory."""
    for name in [name for name in os.environ if name.startswith("DERMGATE_")]:
        monkeypatch.delenv(name)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "dermgate.toml").touch()
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "gw"


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command with that file: exit code, stdout, stderr."""

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--config", str(folder / "dermgate.toml")])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_it


@pytest.mark.parametrize("command", ["keys list", "keys revoke x", "deliveries list", "deliveries retry 1", "verify"])
def test_looking_makes_no_database_and_names_the_path(folder: Path, run: Run, command: str) -> None:
    code, _, told = run(*command.split())
    assert code == 2
    assert told.startswith(f"dermgate: there is no database {folder}/var/dermgate.db")
    assert not (folder / "var").exists()
    assert not list(Path.cwd().iterdir())


def test_a_key_is_made_beside_the_file_and_the_first_one_is_announced(folder: Path, run: Run) -> None:
    code, secret, told = run("keys", "create", "ward", "--role", "viewer")
    assert (code, told.splitlines()) == (
        0,
        [
            f"database: {folder}/var/dermgate.db",
            "From now on every caller needs a key, those on this machine too.",
        ],
    )
    assert len(secret.split()) == 1
    assert run("keys", "create", "two", "--role", "viewer")[2] == f"database: {folder}/var/dermgate.db\n"
    listed = [json.loads(line) for line in run("keys", "list", "--json")[1].splitlines()]
    assert [(each["name"], each["roles"]) for each in sorted(listed, key=lambda each: each["name"])] == [
        ("two", ["viewer"]),
        ("ward", ["viewer"]),
    ]
    table = run("keys", "list")[1]
    assert "…" not in table
    assert not list(Path.cwd().iterdir())


def test_upgrade_says_which_database(folder: Path, run: Run) -> None:
    assert run("db", "upgrade")[2] == f"database: {folder}/var/dermgate.db\n"


@pytest.mark.parametrize("command", ["keys revoke nope", "deliveries cancel 7", "models show nonsense/1"])
def test_what_a_command_refuses_is_no_fault_of_the_configuration(run: Run, command: str) -> None:
    run("db", "upgrade")
    code, _, told = run(*command.split())
    assert code == 2
    assert "configuration" not in told


@pytest.mark.parametrize("url", ["ftp://x", "http://x:99999", "http://[", "nonsense"])
def test_an_address_that_is_none_is_told(folder: Path, run: Run, url: str) -> None:
    (folder / "x.jpg").write_bytes(b"x")
    code, _, told = run("submit", str(folder / "x.jpg"), "--url", url)
    assert (code, told) == (2, f"dermgate: --url: {url!r} is no http or https address\n")


def test_check_tells_what_serve_refuses(folder: Path, run: Run) -> None:
    (folder / "dermgate.toml").write_text('[http]\nhost = "0.0.0.0"\n[dimse]\nhost = "0.0.0.0"\n')
    code, out, _ = run("check")
    assert code == 1
    told = " ".join(out.split())
    assert "http.host" in told
    assert "`dermgate keys create` first" in told
    assert "no [[peers]] says who may call" in told
    run("keys", "create", "ward", "--role", "viewer")
    assert "http.host" not in run("check")[1]


def test_folders_that_cannot_be_made_are_findings(folder: Path, run: Run) -> None:
    name = "n" * 300
    (folder / "dermgate.toml").write_text(
        f'[archive]\ndatabase = "sqlite:///{name}/x.db"\nstorage = "{name}"\n[models]\nstore = "{name}"\n'
    )
    code, out, _ = run("check")
    assert code == 1
    assert "".join(out.split("│")).count("File name too long") >= 1
    for what in ("database", "storage", "models"):
        assert f"│ {what}" in out


def test_verify_without_its_storage_folder_makes_none(folder: Path, run: Run) -> None:
    run("db", "upgrade")
    code, _, told = run("verify")
    assert (code, told) == (2, f"dermgate: there is no folder {folder}/var/objects, where the objects should be\n")


def test_a_server_that_cannot_be_reached_is_told_with_its_reason(folder: Path, run: Run) -> None:
    address = "postgresql+psycopg://me:s3cret@127.0.0.1:1/name"
    (folder / "dermgate.toml").write_text(f'[archive]\ndatabase = "{address}"\n')
    for command in (("keys", "list"), ("check",)):
        code, out, told = run(*command)
        assert code != 0
        assert "refused" in " ".join((out + told).split())
        assert "s3cret" not in out + told


def test_a_database_that_does_not_exist_is_told(folder: Path, run: Run, postgres_url: str) -> None:
    (folder / "dermgate.toml").write_text(f'[archive]\ndatabase = "{postgres_url}_absent"\n')
    code, _, told = run("keys", "list")
    assert code == 2
    assert "does not exist" in told


def test_models_are_named_either_way(run: Run) -> None:
    assert named_model(["suitability/1"]) == named_model(["suitability", "1"]) == ("suitability", 1)
    for wrong in (["suitability"], ["suitability/x"], ["moles/1"], ["suitability/1/2"], ["disease", "²"]):
        with pytest.raises(CommandError, match="TASK/VERSION"):
            named_model(wrong)
    listed = [json.loads(line) for line in run("models", "list", "--json")[1].splitlines()]
    assert {each["task"] for each in listed if each["serving"]} == {"suitability", "disease"}
    served = {each["task"]: each["version"] for each in listed if each["serving"]}
    shown = json.loads(run("models", "show", f"suitability/{served['suitability']}")[1])
    assert shown["version"] == served["suitability"]
