"""What every feature extractor is: stages in a row, from a picture to a map of features.

Shapes: pictures [N, 3, H, W], RGB, float32, 0..1; the map is [N, width, h, w]. What a backbone's weights expect of
its input (mean, spread, order of axes) is done inside, so that the exported file needs no recipe beside it.
"""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a backbone's weights come from, as the run folder and the model card name it.

    `name` says what it is, never where it lay; `sha256` is of the weights' bytes, None where nothing was loaded.
    """

    name: str
    pretrained: bool
    sha256: str | None = None
    licence: str | None = None
    credit: str | None = None


class Backbone(nn.Module):
    """A row of stages; the cuts between them are where freezing ends and where activations may be kept.

    Cut 0 lies before the first stage, cut `len(stages)` behind the last one.
    """

    def __init__(self, origin: Origin, stages: list[nn.Module], width: int) -> None:
        super().__init__()
        self.origin = origin
        self.stages = nn.ModuleList(stages)
        self.width = width

    @property
    def name(self) -> str:
        """What it is called in reports."""
        return self.origin.name

    @property
    def pretrained(self) -> bool:
        """Whether its weights were fitted to other pictures before."""
        return self.origin.pretrained

    def normalised(self, picture: Tensor) -> Tensor:
        """Turn a picture of 0..1 into what the first stage takes."""
        return picture

    def as_map(self, features: Tensor) -> Tensor:
        """Turn what the last stage gave into a map [N, width, h, w]."""
        return features

    def begin(self, picture: Tensor, cut: int) -> Tensor:
        """Run the stages before `cut`; at cut 0 the picture itself is given back."""
        return picture if cut == 0 else self._through(self.normalised(picture), 0, cut)

    def finish(self, features: Tensor, cut: int) -> Tensor:
        """Go on from what `begin` gave at `cut`, to the map [N, width, h, w]."""
        inner = self.normalised(features) if cut == 0 else features
        return self.as_map(self._through(inner, cut, len(self.stages)))

    def forward(self, picture: Tensor) -> Tensor:
        """Give the map of features [N, width, h, w] of pictures [N, 3, H, W]."""
        return self.finish(picture, 0)

    def _through(self, features: Tensor, start: int, stop: int) -> Tensor:
        for index in range(start, stop):
            features = self.stages[index](features)
        return features
