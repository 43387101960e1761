"""The stages that make the bundled inpainter: what each trains, on which pictures, and what it leaves in the folder."""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from bundled.quick import quick_captions
from bundled.training.inpainter import autoencoder
from bundled.training.inpainter.painting import Painting, Phase, Words
from bundled.training.inpainter.reconstruction import Reconstruction
from services.trainer.model import data, diffusion, masks, text
from services.trainer.model.data import Bytes, Example
from services.trainer.model.latents import LatentPool, encode
from services.trainer.model.loop import Budget, Heartbeat, Recipe, fit
from services.trainer.model.pipeline_folder import write_folder
from services.trainer.model.ranks import Ranks

if TYPE_CHECKING:
    from bundled.training.inpainter.train import Order

CODEC_PX = 192  # the autoencoder's quick pictures; it is used from 128 to 256 px
EARLY, LATE = 0.6, 0.75  # share of path-traced pictures, where there are any
ATTRIBUTES = (
    "surface",
    "backdrop",
    "surface_colour",
    "backdrop_colour",
    "light_colour",
    "light_direction",
    "light_quality",
)
PAINTER = Recipe(7e-4, flat=0.5, warmup_steps=100)


def train_autoencoder(order: "Order", ranks: Ranks) -> None:
    """Start from data, train on crops, whiten the latents, save `work/vae`."""
    torch.manual_seed(order.seed)
    pool = data.PicturePool(_codec_pictures(order, ranks))
    vae = autoencoder.new_autoencoder()
    autoencoder.start_from_data(vae, pool(192, 64, torch.Generator().manual_seed(order.seed)))
    held_BCHW = torch.stack([data.to_tensor(e.image) for e in islice(data.quick_examples(999_983, CODEC_PX), 16)])
    log = Log(order.work / "vae.log", ranks)
    log.say(f"start {autoencoder.psnr(vae, held_BCHW):.2f} dB")
    fit(
        Reconstruction(vae, pool, seed=order.seed * 100 + ranks.rank),
        Budget(seconds=60 * order.minutes["vae"]),
        Recipe(1.5e-3, flat=0.4, ema=0.995),
        path=order.work / "vae.pt",
        ranks=ranks,
        report=log,
    )
    if ranks.first:
        log.say(f"end {autoencoder.psnr(vae, held_BCHW):.2f} dB")
        shares = autoencoder.standardise(vae, held_BCHW)
        log.say(
            f"share of grain per latent channel {shares}; {autoencoder.psnr(vae, held_BCHW):.2f} dB after whitening"
        )
        vae.eval().save_pretrained(order.work / "vae")


def train_decoder(order: "Order", ranks: Ranks) -> None:
    """Let the decoder alone learn on: latents stay, so a painter that was built on them stays right; replaces
    `work/vae`."""
    torch.manual_seed(order.seed + 1)
    pool = data.PicturePool(_codec_pictures(order, ranks))
    vae = AutoencoderKL.from_pretrained(order.work / "vae")
    held_BCHW = torch.stack([data.to_tensor(e.image) for e in islice(data.quick_examples(999_983, CODEC_PX), 16)])
    log = Log(order.work / "decoder.log", ranks)
    log.say(f"start {autoencoder.psnr(vae, held_BCHW):.2f} dB")
    fit(
        Reconstruction(vae, pool, seed=order.seed * 100 + 7 + ranks.rank, encoder=False),
        Budget(seconds=60 * order.minutes["decoder"]),
        Recipe(1e-3, flat=0.4, ema=0.99),
        path=order.work / "decoder.pt",
        ranks=ranks,
        report=log,
    )
    if ranks.first:
        log.say(f"end {autoencoder.psnr(vae, held_BCHW):.2f} dB")
        vae.eval().save_pretrained(order.work / "vae")


def _codec_pictures(order: "Order", ranks: Ranks) -> Iterator[Bytes]:
    """Quick scenes, some path-traced ones and plates, for crops."""
    seed = order.seed * 1000 + 17 * ranks.rank
    traced, quick = data.growing(order.scenes), data.quick_examples(seed, CODEC_PX)
    plates = data.folder_pictures(order.plates) if order.plates and order.plates.exists() else []
    for turn, example in enumerate(data.mixed(quick, traced, 0.35, seed)):
        yield example.image
        if plates and turn % 4 == 0:
            yield plates[(turn // 4) % len(plates)]


def train_words(order: "Order", ranks: Ranks) -> None:
    """Build the tokenizer from captions, teach the text encoder its first words, save `work/tokenizer` and
    `work/text`."""
    torch.manual_seed(order.seed)
    if not ranks.first:  # a minute of small batches: not worth sharing
        return
    tokenizer = text.new_tokenizer(_corpus(order))
    encoder = text.new_text_encoder(tokenizer)
    task = Words(encoder, tokenizer, quick_captions(order.seed), _answers())
    log = Log(order.work / "text.log", ranks, every_s=10)
    log.say(f"{len(tokenizer)} tokens")
    fit(task, Budget(seconds=60 * order.minutes["text"]), Recipe(2e-3, ema=0.99), report=log)
    text.save_tokenizer(tokenizer, order.work / "tokenizer")
    encoder.save_pretrained(order.work / "text")


def _corpus(order: "Order") -> Iterator[str]:
    for texts, _ in islice(quick_captions(order.seed + 1), 12_000):
        yield from texts
    if order.scenes and (order.scenes / "manifest.json").exists():
        for example in data.read_shards(order.scenes):
            yield from example.captions


def _answers() -> dict[str, tuple[str, ...]]:
    """Attribute -> the words it can take."""
    seen: dict[str, set[str]] = {name: set() for name in ATTRIBUTES}
    for _, facts in islice(quick_captions(1), 4000):
        for name in ATTRIBUTES:
            seen[name].add(facts[name])
    return {name: tuple(sorted(words - {""})) for name, words in seen.items()}


def train_painter(order: "Order", ranks: Ranks) -> None:
    """Train the UNet and the text encoder on latents, then write the model folder."""
    torch.manual_seed(order.seed)
    vae, tokenizer, task = _painting(order, ranks)
    fit(
        task,
        Budget(seconds=60 * order.minutes["unet"]),
        PAINTER,
        path=order.work / "unet.pt",
        ranks=ranks,
        report=Log(order.work / "unet.log", ranks),
    )
    if ranks.first:
        write_folder(order.out, vae, task.encoder, tokenizer, task.unet)


def export(order: "Order", ranks: Ranks) -> None:
    """Write the model folder from the newest checkpoint of a run that may still go on."""
    if ranks.first:
        encoder, unet = _parts(order)
        module = torch.nn.ModuleDict({"unet": unet, "text": encoder})
        state = torch.load(order.work / "unet.pt", map_location="cpu", weights_only=True)
        module.load_state_dict(state["module"])
        with torch.no_grad():
            for parameter, average in zip(module.parameters(), state["shadow"], strict=True):
                parameter.copy_(average)
        write_folder(order.out, load_vae(order.work), encoder, _tokenizer(order), unet)


def _tokenizer(order: "Order") -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained(order.work / "tokenizer")


def _parts(order: "Order") -> tuple[CLIPTextModel, UNet2DConditionModel]:
    encoder = CLIPTextModel.from_pretrained(order.work / "text")
    return encoder, diffusion.new_painter(text_width=encoder.config.hidden_size)


def _painting(order: "Order", ranks: Ranks) -> tuple[AutoencoderKL, CLIPTokenizer, Painting]:
    vae, tokenizer = load_vae(order.work), _tokenizer(order)
    encoder, unet = _parts(order)
    pools = {
        (size, share): _pool(order, ranks, vae, tokenizer, size, share)
        for size, share in ((128, EARLY), (128, LATE), (192, LATE))
    }
    early, late, large = pools.values()
    early.fill(64)
    phases = (
        Phase(0.0, ((early, 16, 1.0),)),
        Phase(0.55, ((early, 16, 0.35), (late, 16, 0.35), (large, 10, 0.3))),
        Phase(0.78, ((early, 16, 0.10), (late, 16, 0.25), (large, 10, 0.65))),
    )
    empty_L = text.token_ids(tokenizer, [""])[0]
    return vae, tokenizer, Painting(unet, encoder, phases, empty_L=empty_L, seed=order.seed * 1000 + ranks.rank)


def _pool(
    order: "Order", ranks: Ranks, vae: AutoencoderKL, tokenizer: CLIPTokenizer, size: int, share: float
) -> LatentPool:
    seed = order.seed * 1000 + ranks.rank * 101 + size + int(share * 10)
    rng = np.random.default_rng(seed)
    fresh = data.mixed(data.quick_examples(seed, size), _finished(order, size, rng), share, seed)
    policy = partial(masks.drawn, product=0.78, all_=0.12)
    tokens = partial(text.token_ids, tokenizer)
    return LatentPool(fresh, lambda examples: encode(vae, tokens, examples, policy, rng), capacity=5000, per_draw=2)


def _finished(order: "Order", size: int, rng: np.random.Generator) -> Iterator[Example | None]:
    """Path-traced scenes and products staged on path-traced plates in turn, of what there is by now; None without
    either."""
    traced = data.growing(order.scenes)
    stage = data.staged_examples(order.plates, rng, size)
    while True:
        scene = next(traced)
        if scene:
            yield data.cropped(scene, size, rng)
        yield next(stage)


class Log:
    """Writes a line every `every_s` seconds, from the first rank only: step, progress, mean loss, steps a second."""

    def __init__(self, path: Path, ranks: Ranks, every_s: float = 30.0) -> None:
        self.path, self.ranks, self.every_s, self.last, self.steps = path, ranks, every_s, time.monotonic(), 0
        path.parent.mkdir(parents=True, exist_ok=True)

    def say(self, text: str) -> None:
        """Append one line."""
        if self.ranks.first:
            with self.path.open("a") as file:
                file.write(text + "\n")

    def __call__(self, beat: Heartbeat) -> None:
        self.steps += 1
        now = time.monotonic()
        if now - self.last < self.every_s:
            return
        recent = beat.losses[-self.steps :]
        self.say(
            json.dumps(
                {
                    "step": beat.step,
                    "done": round(beat.fraction, 4),
                    "loss": round(sum(recent) / len(recent), 5),
                    "steps_per_s": round(self.steps / (now - self.last), 3),
                    "seconds": round(beat.seconds),
                }
            )
        )
        self.last, self.steps = now, 0


def load_vae(folder: Path) -> AutoencoderKL:
    """The trained autoencoder of a work or model folder, frozen."""
    vae = AutoencoderKL.from_pretrained(folder / "vae").eval()
    return vae.requires_grad_(False)


STAGES: dict[str, Callable[["Order", Ranks], None]] = {
    "vae": train_autoencoder,
    "text": train_words,
    "decoder": train_decoder,
    "unet": train_painter,
    "export": export,
}
