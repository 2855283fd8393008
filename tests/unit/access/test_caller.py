import pytest

from gateway.access.caller import (
    LOCAL_ADMINISTRATOR,
    PERMISSIONS,
    SYSTEM,
    Caller,
    NotPermitted,
    Permission,
    Role,
    Scope,
)
from gateway.access.http import is_loopback

# One line a permission: who has it.
HOLDERS = {
    "photos.submit": {"administrator", "app", "clinician"},
    "photos.read": {"administrator", "app", "clinician", "trainer"},
    "photos.delete": {"administrator"},
    "instances.store": {"administrator", "modality", "gateway"},
    "instances.read": {"administrator", "clinician", "viewer", "gateway"},
    "instances.delete": {"administrator"},
    "workitems.read": {"administrator", "clinician", "modality"},
    "workitems.write": {"administrator", "clinician", "modality"},
    "events.read": {"administrator", "app", "clinician", "viewer"},
    "labels.read": {"administrator", "clinician", "trainer"},
    "labels.read_facts": {"administrator", "trainer"},
    "labels.write": {"administrator", "clinician"},
    "labels.write_rule": {"administrator", "clinician", "trainer"},
    "referrals.review": {"administrator", "clinician"},
    "cases.reconcile": {"administrator", "clinician"},
    "deliveries.read": {"administrator", "clinician", "monitor"},
    "deliveries.manage": {"administrator"},
    "models.read": {"administrator", "app", "clinician", "trainer"},
    "models.report": {"administrator", "trainer"},
    "library.read": {"administrator", "app", "clinician"},
    "library.write": {"administrator", "clinician"},
    "metrics.read": {"administrator", "monitor"},
}


def caller(*roles: Role, hospitals: frozenset[str] | None = None, patient: str | None = None) -> Caller:
    return Caller("test", frozenset(roles), hospitals, patient)


@pytest.mark.parametrize("permission", list(Permission))
def test_each_permission_is_held_by_these_roles_alone(permission: Permission) -> None:
    holders = {role.value for role in Role if caller(role).may(permission)}
    assert holders == HOLDERS[permission.value]


def test_the_table_has_every_role_and_every_permission() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert set(HOLDERS) == {permission.value for permission in Permission}


def test_a_caller_without_the_permission_is_told_which_one_it_is() -> None:
    with pytest.raises(NotPermitted, match=r"photos\.delete") as raised:
        caller(Role.VIEWER, Role.APP).require(Permission.DELETE_PHOTOS)
    assert raised.value.permission is Permission.DELETE_PHOTOS


def test_a_caller_without_roles_may_nothing() -> None:
    assert not any(caller().may(permission) for permission in Permission)


def test_roles_add_up() -> None:
    both = caller(Role.MODALITY, Role.VIEWER)
    assert both.may(Permission.STORE_INSTANCES)
    assert both.may(Permission.READ_INSTANCES)


def test_the_scope_is_the_callers_hospitals_and_patient() -> None:
    scope = caller(Role.APP, hospitals=frozenset({"north"}), patient="7").require(Permission.READ_PHOTOS)
    assert scope == Scope(frozenset({"north"}), "7")


@pytest.mark.parametrize(
    ("hospitals", "hospital", "seen"),
    [
        (None, "anything", True),
        (frozenset({"north"}), "north", True),
        (frozenset({"north"}), "north2", False),
        (frozenset({"north"}), "", False),
        (frozenset(), "north", False),
    ],
)
def test_a_scope_sees_the_rows_of_its_hospitals(hospitals: frozenset[str] | None, hospital: str, seen: bool) -> None:
    assert Scope(hospitals).sees(hospital) is seen


@pytest.mark.parametrize(
    ("hospitals", "home"),
    [(None, "default"), ({"default", "a"}, "default"), ({"north", "a"}, "a"), ({"north"}, "north")],
)
def test_new_rows_belong_to_the_callers_home(hospitals: set[str] | None, home: str) -> None:
    assert caller(Role.APP, hospitals=None if hospitals is None else frozenset(hospitals)).home == home


def test_one_patient_may_not_do_what_shows_others() -> None:
    with pytest.raises(NotPermitted):
        caller(Role.ADMINISTRATOR, patient="7").require_hospital_wide(Permission.READ_EVENTS)
    with pytest.raises(NotPermitted):
        caller(Role.MODALITY).require_hospital_wide(Permission.READ_EVENTS)
    assert caller(Role.VIEWER).require_hospital_wide(Permission.READ_EVENTS) == Scope(None)


def test_the_local_administrator_and_the_gateway_itself_may_everything_everywhere() -> None:
    for somebody in (LOCAL_ADMINISTRATOR, SYSTEM):
        assert all(somebody.require(permission) == Scope(None) for permission in Permission)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("localhost", True),
        ("LocalHost", True),
        ("::1", True),
        ("[::1]", True),
        ("0:0:0:0:0:0:0:1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("128.0.0.1", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("localhost.", False),
        ("127.1", False),
        ("2130706433", False),
        ("127.0.0.1:8080", False),
        ("127.0.0.1\n", False),
        ("127.0.0.1%eth0", False),
    ],
)
def test_only_what_can_mean_nothing_but_this_machine_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
