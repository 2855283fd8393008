"""Which faults of the store pass by themselves, so that nothing may be decided from them."""

from inference.errors import InferenceError, StoreError


def raise_what_passes(error: Exception) -> None:
    """Raise the system's own error where one lies beneath `error`: a full disk or a lost mount says nothing of a model.

    A model's file that is not there comes back by nothing but a hand: that is returned from, as all else is.
    """
    cause = error.__cause__
    missing = isinstance(cause, FileNotFoundError) and not isinstance(error, StoreError)
    if isinstance(error, InferenceError) and isinstance(cause, OSError) and not missing:
        raise cause
