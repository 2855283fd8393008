"""Whom the gateway would listen to before anybody could show a credential."""

from collections.abc import Set

from gateway.access.http import is_loopback
from gateway.config import Role, Settings


def strangers(settings: Settings, roles: Set[Role], *, any_key: bool) -> list[str]:
    """Why these settings may not be served in these roles, empty where they may; `any_key`: some key exists."""
    faults = []
    if "http" in roles and not is_loopback(settings.http.host) and not any_key:
        faults.append("http.host is not loopback, and there is no key: run `dermgate keys create` first")
    if "dimse" in roles and not is_loopback(settings.dimse.host) and not settings.peers:
        faults.append("dimse.host is not loopback, and no [[peers]] says who may call")
    return faults
