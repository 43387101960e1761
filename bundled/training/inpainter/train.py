"""Trains the bundled mini inpainter from nothing.

    python -m bundled.training.inpainter --out models/mini-inpainter --minutes 90
    python -m bundled.training.inpainter --device cuda --minutes 11 --hands 15 --batch 1536    # on a GPU

Four stages, each resumable: the autoencoder, the text encoder's first words, the decoder alone (latents fixed: it may
as well run beside or after the painter), then the painter with the text encoder.
"""

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bundled.training.inpainter.training_run import TrainingRun
from bundled.training.sources import positive

STAGES = ("vae", "text", "decoder", "unet")
SHARES = {"vae": 0.18, "text": 0.02, "decoder": 0.15, "unet": 0.65, "export": 0.0}  # of the minutes


def main(argv: Sequence[str] | None = None) -> None:
    """Read the arguments and run the stages one after the other, each over all ranks."""
    run, stages = arguments(argv)
    _check(run.device)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # processes that draw have a core each
    os.environ["OMP_NUM_THREADS"] = "1"  # two processes of one thread beat one of two as soon as anything else runs
    from torch.multiprocessing.spawn import spawn

    for stage in stages:
        with tempfile.TemporaryDirectory() as folder:
            spawn(run_stage, (run, stage, Path(folder) / "meeting"), nprocs=run.ranks)


def _check(device: str) -> None:
    """Ends the program with a message when there is no such device."""
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("torch finds no GPU here: leave --device out to train on the processor")


def run_stage(rank: int, run: TrainingRun, stage: str, meeting: Path) -> None:
    """One process of one stage."""
    import cv2
    import torch

    from bundled.training.inpainter import stages
    from services.trainer.model.running import ranks

    torch.set_num_threads(1)
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("high")
    cv2.setNumThreads(1)
    stages.STAGES[stage](run, ranks.join(rank, run.ranks, meeting))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("models/mini-inpainter"))
    parser.add_argument(
        "--work", type=Path, default=Path("var/mini-inpainter"), help="checkpoints; a later run goes on from them"
    )
    parser.add_argument("--minutes", type=float, default=90, help="training time in all")
    parser.add_argument(
        "--scenes", type=Path, help="path-traced scenes (manifest.json and shards), mixed in; they may still be growing"
    )
    parser.add_argument(
        "--plates", type=Path, default=Path("models/mini-plates"), help="product-free pictures for the autoencoder"
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--ranks", type=positive, help="processes, one thread each; 2, or 1 on a GPU")
    parser.add_argument("--hands", type=positive, help="processes beside each, which draw for it all the time")
    parser.add_argument("--batch", type=positive, default=16, help="of the smallest pictures; larger ones are fewer")
    parser.add_argument("--kept", type=positive, default=5000, help="latents of each size that are in use at a time")
    parser.add_argument("--rate", type=float, default=7e-4, help="the painter's learning rate")
    parser.add_argument(
        "--start", type=Path, help="a model folder: its painter learns on (only --stages unet and export)"
    )
    parser.add_argument(
        "--share", type=float, default=1.0, help="of what is learnt on after --start in the weights that are written"
    )
    parser.add_argument(
        "--traced", type=float, default=0.6, help="share of path-traced scenes and plates; the rest is drawn quickly"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=positive, default=64, help="pictures that are encoded before the first step")
    parser.add_argument("--unseen", type=positive, default=16, help="pictures for the figures")
    parser.add_argument(
        "--stages",
        nargs="+",
        choices=(*STAGES, "export"),
        default=STAGES,
        help="export: write --out from the newest checkpoint of a running unet stage",
    )
    return parser


def arguments(argv: Sequence[str] | None = None) -> tuple[TrainingRun, list[str]]:
    """What is asked for, and the stages to run."""
    parser = _parser()
    given = parser.parse_args(argv)
    if given.device == "cuda" and (given.ranks or 1) > 1:
        parser.error("one process trains on a GPU: leave --ranks out, and give it --hands that draw")
    if not 0 <= given.traced <= 1:
        parser.error("--traced is a share from 0 to 1")
    _check_start(parser, given)
    minutes = {stage: share * given.minutes for stage, share in SHARES.items()}
    run = TrainingRun(
        out=given.out,
        work=given.work,
        scenes=given.scenes,
        plates=given.plates,
        minutes=minutes,
        ranks=given.ranks or (1 if given.device == "cuda" else 2),
        seed=given.seed,
        first=given.first,
        unseen=given.unseen,
        device=given.device,
        hands=given.hands or 0,
        batch=given.batch,
        kept=given.kept,
        rate=given.rate,
        start=given.start,
        share=given.share,
        traced=given.traced,
    )
    return run, given.stages


def _check_start(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Ends the program with a message when there is nothing to learn on from, or nothing to mix it with."""
    if not 0 < given.share <= 1 or (given.share < 1 and not given.start):
        parser.error("--share is a number above 0 up to 1, of what is learnt after --start")
    if given.start and not {"unet", "export"}.issuperset(given.stages):
        parser.error("--start has an autoencoder and words already: give --stages unet with it")
    if given.start and not (given.start / "unet/config.json").exists():
        parser.error(f"there is no painter to start from in {given.start}: give a model folder")
