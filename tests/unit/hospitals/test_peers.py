from typing import Any

import pytest
from pydantic import ValidationError

from gateway.access.caller import NotPermitted, Permission, Role
from gateway.config import Act, Peer
from gateway.hospitals.peers import caller_of_peer


def peer(ae_title: str, **facts: Any) -> Peer:
    return Peer.model_validate({"ae_title": ae_title, "host": "127.0.0.1", **facts})


@pytest.mark.parametrize(
    ("may", "act", "roles"),
    [
        (["echo"], "store", set()),
        (["store"], "store", {Role.MODALITY}),
        (["store"], "find", set()),
        (["store", "find"], "find", {Role.VIEWER}),
        (["find"], "move", set()),
        (["move"], "find", set()),
        (["move"], "move", {Role.VIEWER}),
        (["get"], "get", {Role.VIEWER}),
        (["echo", "store", "find"], "get", set()),
        (["echo"], "echo", set()),
        ([], "store", set()),
    ],
)
def test_what_a_peer_may_do_decides_its_roles_for_each_act(may: list[str], act: Act, roles: set[Role]) -> None:
    caller = caller_of_peer([peer("CAMERA", may=may)], "CAMERA", act)
    assert caller.roles == roles
    assert caller.id == "dimse:CAMERA"


def test_what_no_service_answers_cannot_be_allowed() -> None:
    with pytest.raises(ValidationError):
        peer("CAMERA", may=["steal"])


def test_a_peer_acts_for_its_own_hospital_alone() -> None:
    caller = caller_of_peer([peer("A"), peer("B", hospital="north")], "B", "store")
    assert caller.hospitals == frozenset({"north"})
    assert caller.home == "north"


def test_a_title_on_several_lines_has_the_rights_of_all_of_them() -> None:
    peers = [peer("A", may=["echo"]), peer("A", host="127.0.0.2", may=["store"]), peer("B", may=["echo"])]
    assert caller_of_peer(peers, "A", "store").roles == {Role.MODALITY}
    assert caller_of_peer(peers, "B", "store").roles == set()


def test_a_title_that_is_not_listed_may_nothing() -> None:
    caller = caller_of_peer([peer("A")], "STRANGER", "store")
    assert caller.hospitals == frozenset()
    for permission in Permission:
        with pytest.raises(NotPermitted):
            caller.require(permission)


def test_where_nobody_is_listed_everybody_may_store_into_the_default_hospital_and_no_more() -> None:
    caller = caller_of_peer([], "ANYBODY", "store")
    assert (caller.roles, caller.home) == ({Role.MODALITY}, "default")
    assert not caller.may(Permission.READ_INSTANCES)


def test_where_nobody_needs_a_credential_everybody_may_query_the_default_hospital_too() -> None:
    caller = caller_of_peer([], "ANYBODY", "find", trusts_local=True)
    assert (caller.home, caller.hospitals) == ("default", frozenset({"default"}))
    assert caller.may(Permission.READ_INSTANCES)
    assert not caller.may(Permission.DELETE_INSTANCES)


def test_trust_gives_a_listed_peer_nothing() -> None:
    assert caller_of_peer([peer("A")], "A", "find", trusts_local=True).roles == set()
