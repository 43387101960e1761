"""Trains the bundled mini SAM on drawn pictures; a program of its own that the running service never imports.

    python -m bundled.training.segmenter --minutes 20 --out models/mini-segmenter

`--minutes` is processor time, so that a busy machine changes how long it takes and not what comes out.
The loss is Segment Anything's: per prompt the best of three masks is taught, and the IoU head learns how good each is.
Prompts are the very ones the service makes (`saliency.prompts_from`), mistakes included, plus boxes around the truth.
"""

import argparse
import json
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from segment_anything.modeling import Sam
from torch.nn import functional as F  # noqa: N812 - the name everybody knows

from bundled.training.resuming import ResumePoint
from bundled.training.segmenter.clock import TrainingClock
from bundled.training.segmenter.lessons import PromptedPicture, lessons
from bundled.training.sources import positive
from services.segmenter.backdrops import read_backdrop, to_lab
from services.segmenter.model import CONFIG, MINI, WEIGHTS, build_mini
from services.segmenter.saliency import Prompt, prompts_from, saliency_of
from shared.model import precision

BATCH, POOL, FRESH = 16, 2500, 4  # pictures a step; pictures kept; new pictures a step
PEAK_RATE, WARM_STEPS, EMA_DECAY = 1.2e-3, 80, 0.997


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    options = arguments(argv)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    pictures = lessons(options.seed, MINI["img_size"], options.shards)
    clock = TrainingClock(options.minutes * 60, options.wall_minutes * 60)
    file = (options.work or Path("var/training") / options.out.name) / f"{options.minutes:g}-minutes.pt"
    sam, steps = train(pictures, clock=clock, file=file)
    figures = {"steps": steps, "pictures_seen": steps * BATCH, **clock.figures()}
    save(sam, options.out, {**figures, **unseen(sam, options.shards, count=options.unseen)})
    file.unlink(missing_ok=True)
    print((options.out / "training.json").read_text())


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """What is asked for; ends the program with a message when it makes no sense."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=Path("models/mini-segmenter"))
    parser.add_argument("--minutes", type=float, default=20.0, help="of processor time")
    parser.add_argument("--wall-minutes", type=float, default=240.0, help="end by then, whatever the processor gave")
    parser.add_argument("--shards", type=Path, nargs="*", default=[], help="folders of path-traced shards")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--unseen", type=positive, default=120, help="unseen pictures for the figures")
    parser.add_argument("--work", type=Path, help="what a resumed run needs; default var/training/<name of --out>")
    return parser.parse_args(argv)


def train(
    pictures: Iterator[PromptedPicture], *, clock: TrainingClock, file: Path, report: Callable[[str], None] = print
) -> tuple[Sam, int]:
    """A mini Sam (its moving average) and how many steps it took, resumed from `file` and kept there on the way."""
    sam = build_mini(MINI)
    head_start(sam)
    ema = torch.optim.swa_utils.AveragedModel(sam, avg_fn=_moving)
    optimiser = torch.optim.AdamW(sam.parameters(), lr=PEAK_RATE, weight_decay=0.02, betas=(0.9, 0.95))
    rng, pool = np.random.default_rng(5), [next(pictures) for _ in range(BATCH * 4)]
    point = ResumePoint(file, {"model": sam, "average": ema, "optimizer": optimiser, "clock": clock})
    step, shown = point.load(), 0.0
    done = clock.done()
    while done < 1.0 or not step:  # drawing the first pictures may have used up the time
        for group in optimiser.param_groups:
            group["lr"] = _rate(step, done)
        pool = [*pool, *(next(pictures) for _ in range(FRESH))][-POOL:]
        loss, iou = _step(sam, optimiser, [pool[i] for i in rng.integers(len(pool), size=BATCH)])
        ema.update_parameters(sam)
        step += 1
        shown = iou if shown == 0 else 0.95 * shown + 0.05 * iou
        if step % 20 == 0:
            report(f"step {step}  {done:.0%}  loss {loss:.4f}  IoU of the best mask {shown:.4f}")
        point.keep(step)
        done = clock.done()
    return ema.module, step


def _rate(step: int, done: float) -> float:
    """It rises over the first steps, and falls as a cosine to a fiftieth at the end."""
    return PEAK_RATE * min(1.0, (step + 1) / WARM_STEPS) * (0.02 + 0.98 * math.cos(done * math.pi / 2) ** 2)


def _moving(average: torch.Tensor, value: torch.Tensor, count: torch.Tensor | int) -> torch.Tensor:
    """A moving average that forgets the untrained beginning quickly."""
    decay = min(EMA_DECAY, (1 + int(count)) / (10 + int(count)))
    return average * decay + value * (1 - decay)


def head_start(sam: Sam) -> None:
    """Patches begin as their cosine transform, low frequencies first, positions as waves: minutes are short."""
    weight_CIHW = sam.image_encoder.patch_embed.proj.weight
    channels, _, side, _ = weight_CIHW.shape
    waves_FN = torch.cos(math.pi / side * (torch.arange(side) + 0.5)[None] * torch.arange(side)[:, None])
    order = sorted((v + u, v, u) for v in range(side) for u in range(side))
    tints = ((1.0, 1.0, 1.0), (1.0, 0.0, -1.0), (-0.5, 1.0, -0.5))  # grey, then red against blue, then green
    plan = [(0, *order[i][1:]) for i in range(channels // 2)]
    plan += [(tint, *order[i][1:]) for i in range(channels) for tint in (1, 2)]
    with torch.no_grad():
        for channel, (tint, v, u) in enumerate(plan[:channels]):
            plane_HW = waves_FN[v][:, None] * waves_FN[u][None]
            weight_CIHW[channel] = torch.tensor(tints[tint])[:, None, None] * plane_HW / plane_HW.norm() / side * 2
        sam.image_encoder.patch_embed.proj.bias.zero_()
        rows, columns, dim = sam.image_encoder.pos_embed.shape[1:]
        pace_D = torch.exp(-torch.arange(dim // 4) * math.log(100.0) / (dim // 4))
        y_HWD, x_HWD = (
            axis[..., None] * pace_D
            for axis in torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        )
        sam.image_encoder.pos_embed[0] = 0.3 * torch.cat([y_HWD.sin(), y_HWD.cos(), x_HWD.sin(), x_HWD.cos()], -1)


def _step(sam: Sam, optimiser: torch.optim.Optimizer, batch: list[PromptedPicture]) -> tuple[float, float]:
    """One update; returns the loss and the mean IoU of the best masks."""
    images_BCHW = torch.stack([torch.from_numpy(lesson.rgb).permute(2, 0, 1).float() for lesson in batch])
    truth_B1HW = torch.stack([torch.from_numpy(lesson.mask)[None].float() / 255 for lesson in batch])
    with precision.autocast("cpu"):
        embedding_BCHW = sam.image_encoder((images_BCHW - sam.pixel_mean) / sam.pixel_std)
        losses = [
            _prompt_loss(sam, embedding_BCHW, truth_B1HW, [lesson.prompts[which] for lesson in batch])
            for which in range(len(batch[0].prompts))
        ]
    loss = torch.stack([one for one, _ in losses]).mean()
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(sam.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach()), float(np.mean([iou for _, iou in losses]))


def _prompt_loss(
    sam: Sam, embedding_BCHW: torch.Tensor, truth_B1HW: torch.Tensor, prompts: list[Prompt]
) -> tuple[torch.Tensor, float]:
    """The best of three masks taught (cross-entropy and Dice), the IoU head taught on all three."""
    logits_BKHW, guess_BK = decode(sam, embedding_BCHW, prompts)
    logits_BKHW = logits_BKHW.float()
    truth_B1HW = F.interpolate(truth_B1HW, logits_BKHW.shape[-2:], mode="area")
    truth_BKHW = truth_B1HW.expand_as(logits_BKHW)
    chance_BKHW = torch.sigmoid(logits_BKHW)
    cross_BK = F.binary_cross_entropy_with_logits(logits_BKHW, truth_BKHW, reduction="none").mean((-2, -1))
    both_BK = (chance_BKHW * truth_BKHW).sum((-2, -1))
    dice_BK = 1 - (2 * both_BK + 1) / (chance_BKHW.sum((-2, -1)) + truth_BKHW.sum((-2, -1)) + 1)
    hard, true = logits_BKHW.detach() > 0, truth_BKHW > 0.5
    iou_BK = ((hard & true).sum((-2, -1)) + 1) / ((hard | true).sum((-2, -1)) + 1)
    mask_BK = 3 * cross_BK + dice_BK
    loss = 0.9 * mask_BK.min(1).values.mean() + 0.1 * mask_BK.mean()  # a little for all: no mask token dies
    return loss + 0.3 * F.mse_loss(guess_BK.float(), iou_BK), float(iou_BK.max(1).values.mean())


def decode(sam: Sam, embedding_BCHW: torch.Tensor, prompts: list[Prompt]) -> tuple[torch.Tensor, torch.Tensor]:
    """One prompt for each picture of a batch: masks (B, 3, H, W) as logits and guesses of their IoU (B, 3).

    `MaskDecoder.predict_masks` decodes many prompts on one picture; this is the same with a picture per prompt.
    """
    size, decoder = sam.image_encoder.img_size, sam.mask_decoder
    points = torch.tensor([p.points for p in prompts], dtype=torch.float32) * size
    labels = torch.tensor([p.labels for p in prompts])
    boxes = torch.tensor([p.box for p in prompts], dtype=torch.float32) * size
    sparse, dense = sam.prompt_encoder((points, labels), boxes, None)
    own = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])[None].expand(len(prompts), -1, -1)
    place = sam.prompt_encoder.get_dense_pe().expand(len(prompts), -1, -1, -1)
    tokens, source = decoder.transformer(embedding_BCHW + dense, place, torch.cat([own, sparse], 1))
    source = decoder.output_upscaling(source.transpose(1, 2).reshape(embedding_BCHW.shape))
    heads = [mlp(tokens[:, 1 + k]) for k, mlp in enumerate(decoder.output_hypernetworks_mlps)]
    masks = torch.einsum("bkc,bchw->bkhw", torch.stack(heads, 1), source)
    return masks[:, 1:], decoder.iou_prediction_head(tokens[:, 0])[:, 1:]


def unseen(sam: Sam, shards: list[Path], *, count: int = 120) -> dict[str, float]:
    """Mean IoU on drawings that training never saw, and on the held-out pictures of the shards."""
    size = MINI["img_size"]
    figures = scores(sam, lessons(900_001, size, []), "drawn", count=count)
    if shards:
        figures |= scores(sam, lessons(900_002, size, shards, split="held", share=1.0), "traced", count=count)
    return figures


def scores(sam: Sam, pictures: Iterator[PromptedPicture], name: str, *, count: int) -> dict[str, float]:
    """Mean IoU at the model's own resolution: of the mask that the IoU head picks, and of the best of all."""
    picked, best = [], []
    with torch.inference_mode():
        for lesson in islice(pictures, count):
            image = torch.from_numpy(lesson.rgb).permute(2, 0, 1).float()[None]
            embedding = sam.image_encoder((image - sam.pixel_mean) / sam.pixel_std)
            ious, guesses = [], []
            for prompt in _service_prompts(lesson):
                logits, guess = decode(sam, embedding, [prompt])
                found = F.interpolate(logits, lesson.mask.shape, mode="bilinear")[0].numpy() > 0
                ious += [_iou(mask, lesson.mask >= 128) for mask in found]
                guesses += guess[0].tolist()
            picked.append(ious[int(np.argmax(guesses))])
            best.append(max(ious))
    return {f"{name}_iou_picked": float(np.mean(picked)), f"{name}_iou_best": float(np.mean(best))}


def _service_prompts(lesson: PromptedPicture) -> tuple[Prompt, ...]:
    lab = to_lab(lesson.rgb)
    return prompts_from(saliency_of(lesson.rgb, lab, read_backdrop(lab)))


def _iou(found: Any, truth: Any) -> float:
    return float((found & truth).sum() / max(1, (found | truth).sum()))


def save(sam: Sam, folder: Path, figures: dict[str, Any]) -> None:
    """fp16 weights, the configuration they need, and the figures of the training."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: t.half().contiguous() for name, t in sam.state_dict().items()}, folder / WEIGHTS)
    (folder / CONFIG).write_text(json.dumps(MINI, indent=1) + "\n")
    (folder / "training.json").write_text(json.dumps(figures, indent=1) + "\n")
