"""A worker that asks for storage commitment in a process of its own, to be killed: `python -m … DATABASE_URL PORT`."""

import sys
import time

from gateway.database import Database
from tests.integration.delivery.hospital import destination, worker_for


def main() -> None:
    """Deliver and prove until killed."""
    there = destination(port=int(sys.argv[2]), proof="commitment")
    worker_for(Database(sys.argv[1]), there).start()
    print("working", flush=True)
    time.sleep(60)


if __name__ == "__main__":
    main()
