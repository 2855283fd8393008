"""A fault run with its figures: three destinations of three kinds and the gateway, killed and frozen by a plan.

    python -m tests.bench.fault_run [--whole] [--seed N]

One minute with 120 instances; `--whole` takes up to ten with 2 000. The same seed is the same plan.
"""

import argparse
import random
import tempfile
from pathlib import Path

from tests.e2e.fault_run.run import CUT, WHOLE, fault_run


def main() -> None:
    """Run and print; the exit status is 1 where anything was lost, is there twice, or is not proven."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--whole", action="store_true", help="2 000 instances, up to ten minutes")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = fault_run(Path(folder), options.seed, WHOLE if options.whole else CUT, print)
    print(outcome.figures())
    faults = outcome.faults()
    print("\n".join(faults) if faults else "each instance is at each destination once, as archived, and proven")
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
