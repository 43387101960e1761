"""LoRA training here against a plain diffusers loop: same base, pictures, batch, rank and precision, in one run.

python -m benchmarks.models.lora_training [--base models/mini-inpainter] [--size 256] [--batch 8] [--steps 12]

The plain loop is what the examples of diffusers do: each step encodes pictures and masked ones and captions anew,
with peft adapters on every layer and AdamW. Ours encodes once, which is told beside it. Each side is a process of
its own, so that its peak memory is its own; losses of both are printed, for speed without learning would be none.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from diffusers import DDPMScheduler
from peft import LoraConfig
from torch import nn

from benchmarks.models.full_size import write_samples
from services.trainer.core import Progress, TrainingPlan
from services.trainer.model import lora
from services.trainer.model.diffusion_trainer import DiffusionTrainer
from services.trainer.model.lessons import data, masks
from services.trainer.model.lessons.text import token_ids
from services.trainer.model.pipeline_folder import read_base
from shared.model.precision import autocast, training_dtype

RATE, RANK, SEED = 1e-4, 16, 0
Moment = tuple[float, float]  # seconds of the processor that were spent, and seconds that passed
RESULTS = Path(__file__).parents[1] / "results"
LEVELS = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS")  # hold a processor's libraries back


def ours(base: Path, samples: Path, work: Path, size: int, batch: int, steps: int) -> dict[str, float]:
    """The trainer of this project, from reading the base to the last step."""
    plan = TrainingPlan(
        stage="product", base=base, steps=steps, batch=batch, rank=RANK, learning_rate=RATE, size=size, seed=SEED
    )
    losses, marks, began = list[float](), list[Moment](), time.monotonic()
    encoded = began

    def heard(now: Progress) -> None:
        nonlocal encoded
        if now.step == 0:
            encoded = time.monotonic()
        else:
            losses.append(now.loss)
            marks.append(_moment())

    DiffusionTrainer().train(plan, samples, work, heard)
    return _figures(losses, marks, encoded - began)


def plain(base: Path, samples: Path, work: Path, size: int, batch: int, steps: int) -> dict[str, float]:
    """A loop as diffusers' own training scripts write it."""
    pipeline, rng, losses = read_base(base, 9, exactly=True), np.random.default_rng(SEED), list[float]()
    torch.manual_seed(SEED)
    pipeline.unet.requires_grad_(False)
    layers = lora.every_layer(pipeline.unet)
    pipeline.unet.add_adapter(LoraConfig(r=RANK, lora_alpha=RANK, init_lora_weights="gaussian", target_modules=layers))
    parameters = [one for one in pipeline.unet.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE)
    noise = DDPMScheduler.from_config(pipeline.scheduler.config)
    examples, marks = list(data.read_shards(samples)), list[Moment]()
    for _ in range(steps):
        some = [examples[k] for k in rng.integers(0, len(examples), batch)]
        loss = _plain_loss(pipeline, noise, [data.cropped(one, (size, size), rng) for one in some], rng)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
        marks.append(_moment())
    return _figures(losses, marks, 0.0)


def _plain_loss(pipeline: Any, noise: Any, crops: list[data.Example], rng: np.random.Generator) -> torch.Tensor:
    pictures_BCHW = torch.stack([data.to_tensor(one.image) for one in crops])
    holes_B1HW = torch.stack([torch.from_numpy(masks.around_product(one.mask, rng)).float()[None] for one in crops])
    with autocast("cpu"):
        with torch.no_grad():
            scale = pipeline.vae.config.scaling_factor
            latents_BCHW = pipeline.vae.encode(pictures_BCHW).latent_dist.sample().float() * scale
            shown_BCHW = pipeline.vae.encode(pictures_BCHW * (1 - holes_B1HW)).latent_dist.sample().float() * scale
            ids_BL = token_ids(pipeline.tokenizer, [one.captions[0] for one in crops])
            text_BLD = pipeline.text_encoder(ids_BL)[0]
        grain_BCHW, timesteps_B = torch.randn_like(latents_BCHW), torch.randint(0, 1000, (len(crops),))
        noisy_BCHW = noise.add_noise(latents_BCHW, grain_BCHW, timesteps_B)
        small_B1HW = holes_B1HW[:, :, ::8, ::8]
        inputs_BCHW = torch.cat([noisy_BCHW, small_B1HW, shown_BCHW], 1)
        found_BCHW = pipeline.unet(inputs_BCHW, timesteps_B, encoder_hidden_states=text_BLD).sample
    velocity = noise.config.prediction_type == "v_prediction"
    wanted_BCHW = noise.get_velocity(latents_BCHW, grain_BCHW, timesteps_B) if velocity else grain_BCHW
    return nn.functional.mse_loss(found_BCHW.float(), wanted_BCHW)


def _moment() -> Moment:
    return time.process_time(), time.monotonic()


def _figures(losses: list[float], marks: list[Moment], before_s: float) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    half = len(losses) // 2
    steps_S2 = np.diff(marks, axis=0)
    return {
        "step_s": float(steps_S2[:, 0].min()),
        "middle_s": float(np.median(steps_S2[:, 0])),
        "before_s": before_s,
        "peak_gb": peak,
        "first_half_loss": fmean(losses[:half]),
        "second_half_loss": fmean(losses[half:]),
    }


def measured(side: str, given: argparse.Namespace, folder: Path) -> dict[str, float]:
    """One side in a process of its own, on one thread."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.models.lora_training",
        "--side",
        side,
        "--samples",
        str(folder / "samples"),
        "--base",
        str(given.base),
        "--size",
        str(given.size),
        "--batch",
        str(given.batch),
        "--steps",
        str(given.steps),
    ]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    return dict(json.loads(said.splitlines()[-1]))


def table(found: dict[str, list[dict[str, float]]], given: argparse.Namespace) -> str:
    """The results as a page: medians over rounds, alternating, so that a busy machine is busy for both."""
    middle = {side: _middle(runs) for side, runs in found.items()}
    rows = [_row(side, one, given.batch) for side, one in middle.items()]
    lines = "\n".join(rows)
    ratio = middle["plain"]["step_s"] / middle["ours"]["step_s"]
    command = (
        f"python -m benchmarks.models.lora_training --base {given.base} --size {given.size} --batch {given.batch} "
        f"--steps {given.steps} --rounds {given.rounds}"
    )
    computed = f"{torch.backends.cpu.get_cpu_capability()}{_held_back()}, computing in {_computed_in()}"
    return f"""# LoRA training against a plain diffusers loop

`{command}`,
one thread each, medians of {given.rounds} rounds in turns; rank {RANK} on every layer, torch {torch.__version__} with
{computed}, on {os.cpu_count()} cores whose load was {os.getloadavg()[0]:.0f}.
A step's seconds are those that the processor spent on it, least and median: other work on the machine counts little.

| loop | s a step | samples/s | median s a step | s before the first step | peak GB | loss, first → second half |
|---|---|---|---|---|---|---|
{lines}

Ours takes **{ratio:.2f}** times fewer seconds a step. What it does before the first step (encoding every sample once,
in up to four crops) is in its own column: it is paid once, not per epoch. The losses tell
that each side learns; they are weighted differently (ours by min-SNR, the product's region at a quarter).
"""


def _held_back() -> str:
    held = [f"{name}={os.environ[name]}" for name in LEVELS if name in os.environ]
    return f" ({' '.join(held)})" if held else ""


def _computed_in() -> str:
    return str(training_dtype("cpu")).removeprefix("torch.")


def _middle(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.median([one[name] for one in runs])) for name in runs[0]}


def _row(side: str, one: dict[str, float], batch: int) -> str:
    speed, losses = batch / one["step_s"], f"{one['first_half_loss']:.4f} → {one['second_half_loss']:.4f}"
    middle, before, peak = one["middle_s"], one["before_s"], one["peak_gb"]
    return f"| {side} | {one['step_s']:.3f} | {speed:.2f} | {middle:.3f} | {before:.1f} | {peak:.2f} | {losses} |"


def main() -> None:
    """Measure both, print and keep the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, default=Path("models/mini-inpainter"))
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", choices=("ours", "plain"), help=argparse.SUPPRESS)
    parser.add_argument("--samples", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lora-training-") as name:
        if given.side:
            torch.set_num_threads(1)
            run = {"ours": ours, "plain": plain}[given.side]
            print(json.dumps(run(given.base, given.samples, Path(name), given.size, given.batch, given.steps)))
            return
        folder, found = Path(name), dict[str, list[dict[str, float]]](ours=[], plain=[])
        write_samples(folder / "samples", given.size, count=2 * given.batch)
        for _ in range(given.rounds):
            for side, runs in found.items():
                runs.append(measured(side, given, folder))
        page = table(found, given)
    (RESULTS / f"lora_training_{_computed_in()}.md").write_text(page)
    print(page)


if __name__ == "__main__":
    main()
