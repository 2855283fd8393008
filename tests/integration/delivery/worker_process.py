"""A delivery worker in a process of its own, to be killed: `python -m … DATABASE_URL PORT`."""

import sys
import time

from gateway.database import Database
from tests.integration.delivery.hospital import destination, worker_for


def main() -> None:
    """Deliver until killed."""
    database = Database(sys.argv[1])
    worker_for(database, destination(port=int(sys.argv[2]))).start()
    time.sleep(60)


if __name__ == "__main__":
    main()
