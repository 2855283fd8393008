"""C-STORE of the gateway beside DCMTK's, to the same peers: same machine, same objects, same run.

    python -m tests.bench.dimse [--rounds 3] [--only TEXT]

Sending, over one association, to an unmodified storescp and to an Orthanc that syncs what it stores: DCMTK's storescu
(as it is, and with TCP_NODELAY=1 in its environment), our sender alone, and a running gateway that carries what its
outbox holds, with everything that it writes down. Each does its part in turn in each round, so that a busy machine hits
all alike; what the peer holds is counted before a rate is believed. Printed are medians over the rounds, in objects a
second, and how many times storescu's rate ours are.

Receiving, over four associations from DCMTK's storescu with TCP_NODELAY=1: Orthanc as it is shipped and with
TCP_NODELAY=1 in its environment, storescp (which syncs nothing) and a running gateway; how many times the shipped
Orthanc's rate the gateway's is.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench import dimse_receiving
from tests.bench.dimse_peers import Peer, orthanc, storescp
from tests.bench.dimse_sending import OUTBOX, WAYS, Objects, Outbox, Way, make_objects

SIZES = {"67 kB": {"storescu": 15, "bare": 200, "outbox": 100}, "12 MP": {"storescu": 5, "bare": 10, "outbox": 8}}
"""Objects of one round; the slow ones get fewer."""
AIMS = {
    ("storescp", "67 kB"): {"sender": 15.0, "outbox": 5.0},
    ("storescp", "12 MP"): {"sender": 2.0, "outbox": 2 / 3},
    ("Orthanc", "67 kB"): {"sender": 5.0, "outbox": 3.0},
    ("Orthanc", "12 MP"): {"sender": 1.5, "outbox": 0.5},
}
"""How many times storescu's rate is to be reached; through the outbox a third of it unless it is said otherwise."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="of the lines, those whose name contains this")
    options = parser.parse_args()
    print(f"medians of {options.rounds} rounds, objects a second over one association")
    print(
        f"{'':18} {'storescu':>9} {'NODELAY':>9} {'sender':>9} {'ratio':>7} {'aim':>12} {'outbox':>9} {'ratio':>7} aim"
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        peers = [stack.enter_context(storescp(folder)), stack.enter_context(orthanc())]
        outbox = stack.enter_context(Outbox(folder / "gateway", peers))
        for peer in peers:
            for size in SIZES:
                if options.only in f"{peer.name}, {size}":
                    _measure(folder, peer, size, outbox, options.rounds)
    dimse_receiving.measure(options.rounds, options.only)


def _measure(folder: Path, peer: Peer, size: str, outbox: Outbox, rounds: int) -> None:
    ways: Sequence[Way] = [*WAYS, Way(OUTBOX, "outbox", outbox.carry)]
    rates: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            with make_objects(folder, size, SIZES[size][way.counted_as]) as objects:
                rates[way.name].append(_rate(way, objects, peer))
    _print(peer.name, size, {name: statistics.median(measured) for name, measured in rates.items()})


def _rate(way: Way, objects: Objects, peer: Peer) -> float:
    before = peer.holds()
    rate = way.send(objects, peer)
    arrived = peer.holds() - before
    if arrived != len(objects.paths):
        raise SystemExit(f"{way.name}: {arrived} of {len(objects.paths)} objects have arrived at {peer.name}")
    return rate


def _print(peer: str, size: str, rates: dict[str, float]) -> None:
    theirs, patient = rates["storescu"], rates["storescu, TCP_NODELAY=1"]
    told = f"{f'{peer}, {size}':18} {theirs:9.1f} {patient:9.1f}"
    for name in ("sender", OUTBOX):
        aim, ratio = AIMS[peer, size][name], rates[name] / theirs
        judged = f"{aim:.2g} x {'reached' if ratio >= aim else 'missed'}"
        told += f" {rates[name]:9.1f} {ratio:7.1f} {judged:>12}"
    print(told, flush=True)


if __name__ == "__main__":
    main()
