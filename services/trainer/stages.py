"""The stages of the recipe as data: what learns, what is hidden from it, what it starts from, and for how long. Pure.

The order is the published one: `foundation` learns pictures from text, `inpaint` learns to fill holes, `product` learns
to leave a product alone, `engaged` steers what is in use towards what people like. `judge` learns what raters say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.contracts.events import TrainingStage

Learns = Literal["everything", "lora", "judge"]


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """What is to be painted, as shares of the samples: around the product, all of the picture; the rest at random."""

    product: float
    everything: float

    @property
    def random(self) -> float:
        """The share whose holes are drawn anew each time."""
        return 1.0 - self.product - self.everything


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage. `hidden`: None for text to image, which has no mask and no masked picture (4 channels, not 9).

    `dropout`: share of samples without a caption, for guidance. `ema`: decay of the averaged weights that are kept.
    `steps`, `batch`, `rank`, `learning_rate` and `size` (pixels) hold where a request is silent.
    """

    learns: Learns
    steps: int
    batch: int
    learning_rate: float
    size: int = 256
    rank: int = 16
    hidden: Hidden | None = None
    dropout: float = 0.1
    ema: float = 0.98
    weight_decay: float = 0.0
    from_line: str | None = None  # whose model in use it starts from, unless a request says otherwise
    continues: bool = False  # goes on from what is in use in its own line


# Rates of adapters as the LoRA papers have them; of all weights, those of the EcomXL recipe and of SD's own training.
# A quarter of the holes is the whole picture, as in SD inpainting. `engaged` steers what `product` has learnt: brief,
# and at half its rate, as Canvas describes its last stage.
STAGES: Mapping[TrainingStage, Stage] = {
    "foundation": Stage(
        learns="everything", steps=20_000, batch=64, learning_rate=1e-4, ema=0.9985, weight_decay=0.01,
    ),
    "inpaint": Stage(
        learns="everything", steps=20_000, batch=64, learning_rate=1e-4, ema=0.9985, weight_decay=0.01,
        hidden=Hidden(product=0.0, everything=0.25), from_line="foundation",
    ),
    "product": Stage(
        learns="lora", steps=400, batch=8, learning_rate=1e-4, hidden=Hidden(product=1.0, everything=0.0),
        from_line="inpaint",
    ),
    "engaged": Stage(
        learns="lora", steps=120, batch=8, learning_rate=5e-5, hidden=Hidden(product=1.0, everything=0.0),
        dropout=0.05, from_line="inpaint", continues=True,
    ),
    "judge": Stage(learns="judge", steps=400, batch=16, learning_rate=3e-4, ema=0.0, weight_decay=0.02),
}  # fmt: skip
