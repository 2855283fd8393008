"""The last stages of a backbone as a backbone of their own: what is left to fit where the rest stays as it is."""

import copy

from torch import Tensor

from trainer.networks.backbone import Backbone


class Tail(Backbone):
    """The stages of `whole` behind `cut`, as a copy; its pictures are what `whole.begin(picture, cut)` gives."""

    def __init__(self, whole: Backbone, cut: int) -> None:
        super().__init__(whole.origin, [copy.deepcopy(stage) for stage in whole.stages[cut:]], whole.width)
        self._as_map = whole.as_map
        self._is_whole = cut == 0
        self._normalised = whole.normalised

    def normalised(self, picture: Tensor) -> Tensor:
        """As the whole backbone does where nothing lies before the cut; maps are taken as they are."""
        return self._normalised(picture) if self._is_whole else picture

    def as_map(self, features: Tensor) -> Tensor:
        """As the whole backbone does."""
        return self._as_map(features)
