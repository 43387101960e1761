"""Trains models/mini-judge from scratch on pairs with defects made on purpose.

python -m services.trainer.model.mini_judge models/mini-judge --plates models/mini-plates
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from scenes.pairs import Pair, PairMaker
from scenes.spoiling import DEFECTS, Stage
from services.trainer.model.judge import SIZE, Reviewed, fit, judged, make_model, save
from shared.contracts.styles import PLATES_FILE, PlateCatalogue

BATCH, RATE = 32, 2e-3
HELD_EVERY = 5  # every fifth plate is kept for the figures


def real_stages(folder: Path, size: int) -> list[Stage]:
    """The style plates as empty scenes of about 1.5 times `size`; none where there is no catalogue."""
    if not (folder / PLATES_FILE).exists():
        return []
    stages = []
    for plate in PlateCatalogue.model_validate_json((folder / PLATES_FILE).read_text()).plates:
        picture = cv2.cvtColor(cv2.imread(str(folder / plate.file)), cv2.COLOR_BGR2RGB)
        scale = 1.5 * size / min(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        stages.append(Stage(small, plate.surface_line if plate.view == "standing" else None, plate.view))
    return stages


def reviewed(pair: Pair) -> Reviewed:
    """A synthetic pair as a review."""
    return Reviewed(pair.original, pair.output, pair.mask, pair.score, pair.defect)


def area_under_curve(good_N: NDArray[np.float32], bad_N: NDArray[np.float32]) -> float:
    """Chance that a good pair is scored above a bad one (ties count half)."""
    return float(np.mean((good_N[:, None] > bad_N).astype(float) + 0.5 * (good_N[:, None] == bad_N)))


def train(folder: Path, *, plates: Path, steps: int, held_pairs: int = 60) -> dict[str, float]:
    """Train, write the model, return the held-out AUC per defect (unseen products, scenes and plates)."""
    torch.manual_seed(0)
    began, stages = time.monotonic(), real_stages(plates, SIZE)
    learnt = [stage for at, stage in enumerate(stages) if at % HELD_EVERY]
    maker = iter(PairMaker(learnt, seed=11, size=SIZE, products=500, scenes=300))
    model = make_model().to(memory_format=torch.channels_last)

    def batches() -> Iterator[list[Reviewed]]:
        while True:
            yield [reviewed(next(maker)) for _ in range(BATCH)]

    def told(step: int, loss: float) -> None:
        if step % 25 == 0:
            print(f"step {step}/{steps} loss {loss:.3f} {time.monotonic() - began:.0f} s", flush=True)

    fit(model, batches(), steps=steps, rate=RATE, told=told)
    figures = measure(model, PairMaker(stages[::HELD_EVERY], seed=9_000, size=SIZE, products=80, scenes=80), held_pairs)
    figures |= {
        "steps": steps,
        "pairs": steps * BATCH,
        "seconds": round(time.monotonic() - began),
        "plates": len(stages),
    }
    save(model, folder)
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    return figures


def measure(model: torch.nn.Module, maker: PairMaker, count: int) -> dict[str, float]:
    """AUC of each defect against good pairs, of all defects together, and mean scores."""
    good_N = judged(model, [reviewed(maker.good()) for _ in range(2 * count)])
    bad = {defect: judged(model, [reviewed(maker.bad(defect)) for _ in range(count)]) for defect in DEFECTS}
    figures = {f"auc {defect}": round(area_under_curve(good_N, bad_N), 3) for defect, bad_N in bad.items()}
    figures["auc all"] = round(area_under_curve(good_N, np.concatenate(list(bad.values()))), 3)
    figures["mean good"] = round(float(good_N.mean()), 3)
    figures["mean bad"] = round(float(np.mean([bad_N.mean() for bad_N in bad.values()])), 3)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--plates", type=Path, default=Path("models/mini-plates"))
    parser.add_argument("--steps", type=int, default=900)
    given = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    print(json.dumps(train(given.folder, plates=given.plates, steps=given.steps)))


if __name__ == "__main__":
    main()
