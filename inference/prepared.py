"""A decoded picture with what models have already asked of it, so that two models share the work."""

from collections.abc import Callable

from inference.patches import PatchPlan
from inference.picture import Picture
from inference.preprocess import SQUASH, Tensor, native_patches, whole_image


class PreparedPicture:
    """One picture on its way through the models; belongs to one thread at a time."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._made: dict[object, Tensor] = {}

    def whole(self, image_size: int, mode: str = SQUASH) -> Tensor:
        """Give the whole picture [1, 3, H, W], read-only, computed once for a size and mode."""
        return self._once((image_size, mode), lambda: whole_image(self.picture, image_size, mode))

    def patches(self, plan: PatchPlan) -> Tensor:
        """Give the native patches [1, P, 3, h, w], read-only, computed once for a plan."""
        return self._once(plan, lambda: native_patches(self.picture, plan))

    def _once(self, key: object, make: Callable[[], Tensor]) -> Tensor:
        if key not in self._made:
            batch_of_one = make()[None]
            batch_of_one.flags.writeable = False
            self._made[key] = batch_of_one
        return self._made[key]
