"""What comes before an association may be anything: it costs little, and nobody else waits for it."""

from collections.abc import Iterator

import pytest

from dimse.addresses import RemoteAE
from dimse.connections import ENDING
from dimse.listening import SPARE_CONNECTIONS
from gateway.config import DimseSettings
from tests.bench.dimse_hostile import ATTACKS, Attack, cost_of, gateways, half_open_tls, idle

MOST_THREADS = 2 * (DimseSettings().max_associations + SPARE_CONNECTIONS + ENDING)
MOST_MEBIBYTES = 96
SLOWEST_SECONDS = 5.0

Found = dict[str, tuple[RemoteAE, int]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    with gateways(tmp_path_factory.mktemp("hostile")) as running:
        yield {name: (remote, pid) for name, remote, pid in running}


@pytest.mark.parametrize(
    ("over", "attack"),
    [*(("plain", attack) for attack in ATTACKS), ("TLS", idle), ("TLS", half_open_tls)],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_two_hundred_hostile_connections_keep_nobody_out(found: Found, over: str, attack: Attack) -> None:
    remote, pid = found[over]
    cost = cost_of(attack, remote, pid, seconds=0.8)
    assert cost.answered == cost.tried > 0, cost
    assert cost.threads <= MOST_THREADS, cost
    assert cost.mebibytes <= MOST_MEBIBYTES, cost
    assert cost.slowest < SLOWEST_SECONDS, cost
