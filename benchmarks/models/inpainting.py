"""n variants of one product: the painter's one batch against diffusers' pipeline called once per variant, in one run.

    python -m benchmarks.models.inpainting [--model models/mini-inpainter] [--variants 4] [--rounds 5] [--steps 8]

Same weights, steps, size and guidance, both from noise alone (strength 1); rounds are interleaved. Processor seconds
are given beside wall seconds, since the machine may be shared.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionInpaintPipeline
from PIL import Image

from services.inpainter.model.inpainting import InpaintPainter
from services.inpainter.ports import InpaintInput

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "on an oak wooden table, red brick wall, warm light"


def main() -> None:
    given = _arguments()
    torch.set_num_threads(given.threads)
    painter = InpaintPainter(
        given.model, side=given.side, steps=given.steps, threads=given.threads, rescale=0.0, batch=given.variants
    )
    plain = StableDiffusionInpaintPipeline.from_pretrained(given.model, safety_checker=None, dtype=torch.float32)
    plain.scheduler = DPMSolverMultistepScheduler.from_config(plain.scheduler.config, algorithm_type="dpmsolver++")
    plain.set_progress_bar_config(disable=True)
    inputs = [_canvas(given.side, seed) for seed in range(given.variants)]

    def one_by_one() -> None:
        for start in inputs:
            plain(
                prompt=PROMPT,
                image=Image.fromarray(start.image),
                mask_image=Image.fromarray(255 - start.mask),
                num_inference_steps=given.steps,
                guidance_scale=2.0,
                strength=1.0,
                width=given.side,
                height=given.side,
                generator=torch.Generator().manual_seed(start.seed),
            )

    ways: dict[str, Callable[[], object]] = {
        "diffusers, one by one": one_by_one,
        "painter": lambda: painter.paint(inputs),
    }
    _report(_timed(ways, given.rounds), given.variants)


def _canvas(side: int, seed: int) -> InpaintInput:
    mask = np.zeros((side, side), np.uint8)
    mask[side // 3 : side * 4 // 5, side // 3 : side * 2 // 3] = 255
    start = np.full((side, side, 3), (180, 60, 60), np.uint8)
    return InpaintInput(image=start, mask=mask, prompt=PROMPT, negative_prompt="", seed=seed, strength=1.0)


def _timed(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Wall and processor seconds of each way in each round; the first round only warms up."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            wall, processor = time.perf_counter(), time.process_time()
            way()
            if number:
                spent[name].append((time.perf_counter() - wall, time.process_time() - processor))
    return spent


def _report(spent: dict[str, list[tuple[float, float]]], variants: int) -> None:
    print(f"| way | wall s, {variants} variants (median) | processor s (median) |\n|---|---|---|")
    medians = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in spent.items()}
    for name, (wall, processor) in medians.items():
        print(f"| {name} | {wall:.3f} | {processor:.3f} |")
    theirs, ours = medians.values()
    print(f"\nratio: wall {theirs[0] / ours[0]:.2f}, processor {theirs[1] / ours[1]:.2f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default=str(ROOT / "models/mini-inpainter"))
    parser.add_argument("--variants", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--side", type=int, default=192)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
