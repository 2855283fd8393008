from datetime import timedelta

import httpx
import pytest
from sqlalchemy import inspect, text

from gateway.access.caller import Role
from gateway.access.keys import (
    InvalidKey,
    UnknownKey,
    any_key_exists,
    caller_of,
    create_key,
    list_keys,
    revoke_key,
)
from gateway.config import ConfigurationError
from gateway.database import Database, now
from tests.integration.faces import key_for

READ = "/api/v1/events"
NO_PHOTO = f"/api/v1/photos/{'0' * 32}"


def make(database: Database, *, days: float | None = None, name: str = "ward 3") -> str:
    expires_at = None if days is None else now() + timedelta(days=days)
    with database.write() as unit_of_work:
        return create_key(
            unit_of_work, name=name, roles=[Role.VIEWER, Role.APP], hospitals=["default"], expires_at=expires_at,
            patient="7",
        )  # fmt: skip


def test_a_key_stands_for_its_caller(database: Database) -> None:
    secret = make(database, days=1)
    with database.read() as session, database.reader() as reader:
        caller = caller_of(reader, secret)
        (record,) = list_keys(session)
    assert caller.id == f"key:{record.id}"
    assert caller.roles == {Role.VIEWER, Role.APP}
    assert caller.hospitals == frozenset({"default"})
    assert caller.patient == "7"
    assert (record.name, list(record.roles), record.revoked_at) == ("ward 3", [Role.VIEWER, Role.APP], None)


def test_a_key_for_every_hospital_has_no_list_of_them(database: Database) -> None:
    with database.write() as unit_of_work:
        secret = create_key(unit_of_work, name="all", roles=[Role.MONITOR], hospitals=None)
    with database.reader() as reader:
        assert caller_of(reader, secret).hospitals is None


def test_only_the_digest_of_a_key_is_in_the_database(database: Database) -> None:
    secret = make(database)
    with database.read() as session:
        everything = [
            str(tuple(row))
            for table in inspect(database.engine).get_table_names()
            for row in session.execute(text(f'SELECT * FROM "{table}"'))
        ]
    assert everything
    assert not [row for row in everything if secret in row or secret.removeprefix("dgk_") in row]


@pytest.mark.parametrize("secret", ["", "dgk_", "dgk_wrong", "x" * 100_000, "키", "dgk_\x00", "' OR 1=1 --"])
def test_what_is_no_key_is_invalid(database: Database, secret: str) -> None:
    make(database)
    with database.reader() as reader, pytest.raises(InvalidKey):
        caller_of(reader, secret)


def test_a_key_with_anything_added_or_missing_is_invalid(database: Database) -> None:
    secret = make(database)
    with database.reader() as reader:
        for other in (secret + "x", secret[:-1], secret.lower(), secret.removeprefix("dgk_"), f" {secret}"):
            with pytest.raises(InvalidKey):
                caller_of(reader, other)


def test_a_key_whose_time_is_over_is_invalid_but_keeps_strangers_out(database: Database) -> None:
    secret = make(database, days=-0.001)
    with database.reader() as reader:
        with pytest.raises(InvalidKey):
            caller_of(reader, secret)
        assert any_key_exists(reader)


def test_a_revoked_key_is_invalid_and_stays_revoked_since_then(database: Database) -> None:
    secret = make(database)
    with database.read() as session:
        (record,) = list_keys(session)
    with database.write() as unit_of_work:
        revoke_key(unit_of_work, record.id)
    with database.read() as session, database.reader() as reader:
        with pytest.raises(InvalidKey):
            caller_of(reader, secret)
        revoked_at = list_keys(session)[0].revoked_at
        assert not any_key_exists(reader)
    with database.write() as unit_of_work:
        revoke_key(unit_of_work, record.id)
    with database.read() as session:
        assert list_keys(session)[0].revoked_at == revoked_at


def test_a_key_nobody_made_cannot_be_revoked(database: Database) -> None:
    with pytest.raises(UnknownKey), database.write() as unit_of_work:
        revoke_key(unit_of_work, "nobody")


@pytest.mark.parametrize(
    ("name", "roles", "hospitals"),
    [("", [Role.APP], None), ("x" * 65, [Role.APP], None), ("x", [], None), ("x", [Role.APP], [])],
)
def test_a_key_that_could_not_be_used_is_not_made(
    database: Database, name: str, roles: list[Role], hospitals: list[str] | None
) -> None:
    with pytest.raises(ConfigurationError), database.write() as unit_of_work:
        create_key(unit_of_work, name=name, roles=roles, hospitals=hospitals)
    with database.read() as session:
        assert not list_keys(session)


@pytest.mark.parametrize(
    "credential",
    ["", "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "Digest x", "dgk_x", f"Bearer {'x' * 5000}"],
)
def test_a_credential_that_is_not_valid_is_refused_where_none_would_be_needed(
    keyless: httpx.Client, credential: str
) -> None:
    answer = keyless.get(READ, headers={"Authorization": credential})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "wrong" not in answer.text


def test_expired_and_revoked_keys_are_refused_over_http(client: httpx.Client, sqlite: Database) -> None:
    expired, revoked, good = make(sqlite, days=-1), make(sqlite), key_for(sqlite, Role.VIEWER)
    with sqlite.reader() as reader:
        key_id = caller_of(reader, revoked).id.removeprefix("key:")
    assert _status(client, revoked) == 403, "a patient's key reads no events"
    with sqlite.write() as unit_of_work:
        revoke_key(unit_of_work, key_id)
    assert _status(client, expired) == 401
    assert _status(client, revoked) == 401
    assert client.get(READ, headers=good).status_code == 200


def test_the_scheme_is_understood_in_any_case(client: httpx.Client, sqlite: Database) -> None:
    secret = key_for(sqlite, Role.VIEWER)["Authorization"].removeprefix("Bearer ")
    for scheme in ("bearer", "BEARER", "Bearer "):
        assert client.get(READ, headers={"Authorization": f"{scheme} {secret}"}).status_code == 200


def test_only_an_administrator_may_delete_a_photo(client: httpx.Client, sqlite: Database) -> None:
    for role in Role:
        answer = client.delete(NO_PHOTO, headers=key_for(sqlite, role))
        assert answer.status_code == (404 if role is Role.ADMINISTRATOR else 403), role
        assert answer.headers["content-type"] == "application/problem+json"


def _status(client: httpx.Client, secret: str) -> int:
    return client.get(READ, headers={"Authorization": f"Bearer {secret}"}).status_code
