"""Orders that were read a moment ago: the photos of one order, posted one after the other, ask the worklist once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from gateway.worklists.orders import Item, Order

KEPT_SECONDS = 60.0
MOST_KEPT = 4096


class KeptOrders:
    """At most `MOST_KEPT` orders, each for a minute, in memory alone. Safe for use by many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._orders: OrderedDict[Item, tuple[float, Order]] = OrderedDict()

    def keep(self, orders: Iterable[Order], under: Item | None = None) -> None:
        """Keep orders under their own items, or one that was found `under` another."""
        until = self._clock() + KEPT_SECONDS
        with self._lock:
            for order in orders:
                item = under or order.item
                self._orders[item] = (until, order)
                self._orders.move_to_end(item)
            while len(self._orders) > MOST_KEPT:
                self._orders.popitem(last=False)

    def forget(self) -> None:
        """Keep none of them."""
        with self._lock:
            self._orders.clear()

    def find(self, item: Item) -> Order | None:
        """The order, if it was kept within the last minute."""
        with self._lock:
            until, order = self._orders.get(item, (0.0, None))
        return order if self._clock() < until else None
