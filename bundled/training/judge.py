"""Trains models/mini-judge from scratch on pairs with defects made on purpose.

python -m bundled.training.judge models/mini-judge --plates models/mini-plates
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from transformers import ResNetForImageClassification

from bundled.training.defects import DEFECTS, EmptyScene
from bundled.training.pairs import JudgePair, PairMaker
from bundled.training.sources import positive
from services.inpainter.plates.catalogue import read_plates
from services.trainer.model.judge_trainer import JudgeTask, Reviewed, chances, judge_recipe
from services.trainer.model.running.loop import Budget, Heartbeat, fit
from shared.model.judge import new_judge, write_judge

BATCH, RATE, MEMORY = 32, 2e-3, 3000  # half of a batch was seen before, mirrored: drawing costs as much as learning
DRAWN = 128  # pixels
HELD_EVERY = 5  # every fifth plate is kept for the figures


def real_stages(folder: Path, size: int) -> list[EmptyScene]:
    """The style plates as empty scenes of about 1.5 times `size`; none where there is no catalogue."""
    stages = []
    for plate in read_plates(folder):
        picture = cv2.cvtColor(cv2.imread(str(folder / plate.file)), cv2.COLOR_BGR2RGB)
        scale = 1.5 * size / min(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        stages.append(EmptyScene(small, plate.surface_line if plate.view == "standing" else None, plate.view))
    return stages


def reviewed(pair: JudgePair) -> Reviewed:
    """A synthetic pair as a review."""
    return Reviewed(pair.original, pair.output, pair.mask, pair.score, pair.defect or "no defect")


def area_under_curve(good_N: NDArray[np.float32], bad_N: NDArray[np.float32]) -> float:
    """Chance that a good pair is scored above a bad one (ties count half)."""
    return float(np.mean((good_N[:, None] > bad_N).astype(float) + 0.5 * (good_N[:, None] == bad_N)))


def mirrored(pair: Reviewed) -> Reviewed:
    """The same pair seen in a mirror."""
    return replace(pair, original=pair.original[:, ::-1], output=pair.output[:, ::-1], mask=pair.mask[:, ::-1])


def start_from(model: ResNetForImageClassification, folder: Path) -> None:
    """Go on from a judge; of an adherence probe, which knows textures, take the body and what fits of its stem."""
    earlier = ResNetForImageClassification.from_pretrained(folder, dtype=torch.float32)
    mine, its = model.state_dict(), earlier.state_dict()
    model.load_state_dict(
        {name: weight for name, weight in its.items() if mine[name].shape == weight.shape}, strict=False
    )
    stem, earlier_stem = (one.resnet.embedder.embedder.convolution.weight for one in (model, earlier))
    if stem.shape != earlier_stem.shape:
        with torch.no_grad():
            stem[:, :3], stem[:, 6] = earlier_stem[:, :3], earlier_stem[:, 3]
    elif earlier.config.num_labels < model.config.num_labels:  # defects were added since
        with torch.no_grad():
            for part in ("weight", "bias"):
                getattr(model.classifier[1], part)[: earlier.config.num_labels] = its[f"classifier.1.{part}"]


def train(
    folder: Path,
    *,
    plates: Path,
    work: Path,
    steps: int,
    start: Path | None = None,
    seed: int = 11,
    products: int = 300,
    unseen: int = 60,
) -> dict[str, float]:
    """Train, write the model, return the held-out AUC per defect (unseen products, scenes and plates)."""
    torch.manual_seed(0)
    began, stages = time.monotonic(), real_stages(plates, DRAWN)
    learnt = [stage for at, stage in enumerate(stages) if at % HELD_EVERY]
    maker = iter(PairMaker(learnt, seed=seed, size=DRAWN, products=products, scenes=_scenes_for(products)))
    model = _model(start)

    def report(beat: Heartbeat) -> None:
        if beat.step % 20 == 0:
            print(f"step {beat.step}/{steps} loss {beat.loss:.3f} {time.monotonic() - began:.0f} s", flush=True)

    drawn, point = _batches(maker, np.random.default_rng(0)), work / f"{steps}-steps.pt"
    task = JudgeTask(model, lambda step: next(drawn))
    fit(task, Budget(steps=steps), judge_recipe(RATE, steps), path=point, report=report)
    some, few = max(1, products // 5), max(1, products // 6)
    held = PairMaker(stages[::HELD_EVERY], seed=9_000, size=DRAWN, products=some, scenes=few)
    figures = measure(model, held, unseen) | {"steps": steps, "pairs": steps * BATCH}
    figures |= {"seconds": round(time.monotonic() - began), "plates": len(stages)}
    write_judge(model, folder)
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    point.unlink(missing_ok=True)
    return figures


def _model(start: Path | None) -> ResNetForImageClassification:
    model = new_judge()
    if start is not None:
        start_from(model, start)
    return model.to(memory_format=torch.channels_last)


def _batches(maker: Iterator[JudgePair], rng: np.random.Generator) -> Iterator[list[Reviewed]]:
    """Half of each new, and half of it seen before."""
    seen: list[Reviewed] = []
    while True:
        fresh = [reviewed(next(maker)) for _ in range(BATCH // 2)]
        again = [mirrored(seen[at]) for at in rng.integers(len(seen), size=BATCH // 2)] if seen else []
        yield fresh + again
        seen = (seen + fresh)[-MEMORY:]


def _scenes_for(products: int) -> int:
    return max(1, products * 2 // 3)


def measure(model: torch.nn.Module, maker: PairMaker, count: int) -> dict[str, float]:
    """AUC of each defect against good pairs, of all defects together, and mean scores."""
    good_N = chances(model, [reviewed(maker.good()) for _ in range(2 * count)]).numpy()
    bad = {defect: chances(model, [reviewed(maker.bad(defect)) for _ in range(count)]).numpy() for defect in DEFECTS}
    figures = {f"auc {defect}": round(area_under_curve(good_N, bad_N), 3) for defect, bad_N in bad.items()}
    figures["auc all"] = round(area_under_curve(good_N, np.concatenate(list(bad.values()))), 3)
    figures["mean good"] = round(float(good_N.mean()), 3)
    figures["mean bad"] = round(float(np.mean([bad_N.mean() for bad_N in bad.values()])), 3)
    return figures


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    given = arguments(argv)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    figures = train(
        given.folder,
        plates=given.plates,
        work=given.work or Path("var/training") / given.folder.name,
        steps=given.steps,
        start=given.start,
        seed=given.seed,
        products=given.drawn,
        unseen=given.unseen,
    )
    print(json.dumps(figures))


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """What is asked for; ends the program with a message when it makes no sense."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--plates", type=Path, default=Path("models/mini-plates"))
    parser.add_argument("--steps", type=positive, default=900)
    parser.add_argument("--start", type=Path, help="a judge to go on from, or an adherence probe to take the body of")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--drawn", type=positive, default=300, help="products, and two thirds as many scenes, to pair")
    parser.add_argument("--unseen", type=positive, default=60, help="pairs of each defect for the figures")
    parser.add_argument("--work", type=Path, help="what a resumed run needs; default var/training/<name of folder>")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
