"""What can go wrong with a delivery that somebody asked about.

DeliveryError
+-- UnknownDelivery        no such delivery within the caller's scope
+-- IllegalTransition      the delivery cannot go from where it stands to where it should
    +-- NotRetriable       asked to send again what is waiting, being sent, or has arrived
    +-- NotCancellable     asked to cancel what is being sent or has arrived
"""


class DeliveryError(Exception):
    """Something about a delivery that was asked for cannot be."""


class UnknownDelivery(DeliveryError):
    """There is no such delivery."""

    def __init__(self, delivery_id: int) -> None:
        super().__init__(f"there is no delivery {delivery_id}")
        self.delivery_id = delivery_id


class IllegalTransition(DeliveryError):
    """A delivery cannot go from one state to another."""

    def __init__(self, state: str, following: str) -> None:
        super().__init__(f"a delivery that is {state} cannot become {following}")
        self.state = state
        self.following = following


class NotRetriable(IllegalTransition):
    """A delivery that is waiting, being sent or has arrived is not sent again by hand."""


class NotCancellable(IllegalTransition):
    """A delivery that is being sent or has arrived cannot be cancelled."""
