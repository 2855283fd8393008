"""The peers that other tests stand on do what those tests take for granted."""

from pathlib import Path

import psycopg
import pytest

from tests.peers import Orthanc, Postgres, free_port, require


def test_free_port_never_gives_the_same_port_twice() -> None:
    assert len({free_port() for _ in range(20)}) == 20


def test_dcmtk_programs_are_found_outside_the_virtual_environment() -> None:
    assert require("storescu").parent in {Path("/usr/bin"), Path("/usr/local/bin")}


def test_missing_program_skips_and_in_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-peer"):
        require("no-such-peer")
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-peer"):
        require("no-such-peer")


def test_orthanc_keeps_its_ports_over_a_kill(orthanc: Orthanc) -> None:
    assert orthanc.statistics()["CountInstances"] == 0
    orthanc.kill()
    assert not orthanc.running
    orthanc.start()
    assert orthanc.instances() == []
    assert orthanc.get("/dicom-web/studies") == []


def test_postgres_database_is_empty_and_survives_a_kill(postgres_server: Postgres, postgres_url: str) -> None:
    address = postgres_url.replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE kept (number int)")
    postgres_server.kill()
    postgres_server.start()
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
