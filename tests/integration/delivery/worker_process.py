"""A delivery worker in a process of its own, to be killed: `python -m … DATABASE_URL PORT`; it says when it works."""

import sys
import time

from gateway.database import Database
from tests.integration.delivery.hospital import PROMPT, destination, worker_for


def main() -> None:
    """Deliver until killed."""
    settings = PROMPT.model_copy(update={"batch": 7})
    worker_for(Database(sys.argv[1]), destination(port=int(sys.argv[2])), settings=settings).start()
    print("working", flush=True)
    time.sleep(60)


if __name__ == "__main__":
    main()
