"""The network that ranks diseases."""

from torch import Tensor, nn
from torch.nn import functional

from trainer.networks.backbone import Backbone
from trainer.networks.staged import StagedNetwork


class DiseaseNetwork(StagedNetwork):
    """Ranks diseases from the whole picture; what is known of the patient is added late, as further logits.

    The embedding is of the picture alone, so that reference pictures without a patient compare fairly. Context of
    all zeros is "unknown" and adds exactly nothing.
    """

    def __init__(
        self, backbone: Backbone, classes: int, context: int, embedding: int = 128, dropout: float = 0.3
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.embed = nn.Linear(backbone.width, embedding)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(embedding, classes)
        self.context = nn.Linear(context, classes, bias=False)

    def before(self, cut: int, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Give features at the cut, and the context as it is."""
        image, context = inputs
        features = self.backbone.begin(image, cut)
        if cut == self.cuts:
            features = self.backbone.finish(features, cut).mean((2, 3))
        return features, context

    def after(self, cut: int, *kept: Tensor) -> Tensor:
        """Logits [N, C] of what `before` gave at the cut."""
        return self._after(cut, *kept)[0]

    def forward(self, image: Tensor, context: Tensor) -> Tensor:
        """Logits [N, C] of `image` [N, 3, H, W] and `context` [N, K]."""
        return self.answer(image, context)[0]

    def answer(self, image: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [N, C] and the embedding [N, D] of unit length."""
        return self._after(0, *self.before(0, image, context))

    def _after(self, cut: int, features: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        pooled = features if cut == self.cuts else self.backbone.finish(features, cut).mean((2, 3))
        inner = self.embed(pooled)
        logits = self.head(self.dropout(functional.relu(inner))) + self.context(context)
        return logits, functional.normalize(inner, dim=1)
