"""Who is taken for the local administrator, through real HTTP: who asks from this machine, as long as no key exists."""

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from gateway.access.caller import Role
from gateway.database import Database
from tests.integration.faces import app_over, key_for, served

READ = "/api/v1/events"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.3.2.1"])
def test_a_caller_on_loopback_by_a_loopback_name_is_the_administrator(keyless: httpx.Client, host: str) -> None:
    assert _status(keyless, Host=f"{host}:{keyless.base_url.port}") == 200
    assert _status(keyless, Host=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "0.0.0.0",
        "192.168.0.1",
        "169.254.169.254",
        "[::]",
        "[::1",
        "[::ffff:8.8.8.8]",
        "",
        "/",
    ],
)
def test_a_name_that_was_bound_to_this_machine_is_not_trusted(keyless: httpx.Client, host: str) -> None:
    assert _status(keyless, Host=host) == 401


@pytest.mark.parametrize(
    "origin",
    ["null", "http://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "http://localhost:{port}",
     "https://127.0.0.1:{port}", "http://127.0.0.1:{port}.evil.example", "file://", ""],
)  # fmt: skip
def test_a_page_from_elsewhere_is_not_trusted(keyless: httpx.Client, origin: str) -> None:
    assert _status(keyless, Origin=origin.format(port=keyless.base_url.port)) == 401


def test_a_page_of_the_gateway_itself_is_trusted(keyless: httpx.Client) -> None:
    assert _status(keyless, Origin=f"http://127.0.0.1:{keyless.base_url.port}") == 200


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 200), ("none", 200), ("cross-site", 401), ("same-site", 401)]
)
def test_a_picture_that_another_sites_page_embeds_is_not_given(keyless: httpx.Client, site: str, status: int) -> None:
    assert _status(keyless, **{"Sec-Fetch-Site": site}) == status


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host"])
@pytest.mark.parametrize("value", ["127.0.0.1", "203.0.113.9", "for=127.0.0.1"])
def test_a_caller_behind_a_proxy_on_this_machine_is_not_local(keyless: httpx.Client, header: str, value: str) -> None:
    assert _status(keyless, **{header: value}) == 401


def test_a_caller_elsewhere_is_not_local_whatever_it_says(sqlite: Database, tmp_path: Path) -> None:
    async def ask(**headers: str) -> int:
        transport = httpx.ASGITransport(app_over(sqlite, tmp_path), client=("203.0.113.9", 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as far:
            return (await far.get(READ, headers=headers)).status_code

    assert asyncio.run(ask()) == 401
    assert asyncio.run(ask(**{"X-Forwarded-For": "127.0.0.1"})) == 401


def test_ipv6_loopback_is_loopback(sqlite: Database, tmp_path: Path) -> None:
    if not _has_ipv6():
        pytest.skip("this machine has no IPv6 loopback")
    with served(app_over(sqlite, tmp_path), "::1") as keyless:
        assert _status(keyless) == 200
        assert _status(keyless, Origin=f"http://[::1]:{keyless.base_url.port}") == 200
        assert _status(keyless, Host="evil.example") == 401


def test_where_the_gateway_does_not_trust_loopback_everybody_needs_a_key(sqlite: Database, tmp_path: Path) -> None:
    with served(app_over(sqlite, tmp_path, trust_local=False)) as keyless:
        assert _status(keyless) == 401
        assert _status(keyless, **key_for(sqlite, Role.VIEWER)) == 200


def test_once_a_key_exists_a_local_caller_needs_one_too(client: httpx.Client, sqlite: Database) -> None:
    assert _status(client) == 200
    key = key_for(sqlite, Role.VIEWER)
    assert _status(client) == 401
    assert _status(client, **key) == 200


def test_a_refused_caller_is_told_how_to_show_a_key(keyless: httpx.Client) -> None:
    answer = keyless.get(READ, headers={"Host": "evil.example"})
    assert answer.headers["www-authenticate"] == 'Bearer realm="dermgate"'
    assert answer.headers["content-type"] == "application/problem+json"


def _status(client: httpx.Client, **headers: str) -> int:
    return client.get(READ, headers=headers).status_code


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
