"""The stages that make the bundled inpainter: what each trains, on which pictures, and what it leaves in the folder."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from bundled.quick import quick_captions
from bundled.training.inpainter import autoencoder, pictures, pipeline, text
from bundled.training.inpainter.encoding import encode
from bundled.training.inpainter.latent_pool import LatentPool
from bundled.training.inpainter.painting import Painting, Phase, Words
from bundled.training.inpainter.reconstruction import Reconstruction
from bundled.training.inpainter.step_log import StepLog
from bundled.training.inpainter.training_run import TrainingRun
from services.trainer.model.lessons import data, masks
from services.trainer.model.lessons.data import Bytes, Example
from services.trainer.model.lessons.text import token_ids
from services.trainer.model.running.loop import Budget, Recipe, fit
from services.trainer.model.running.ranks import Ranks

CORPUS, ANSWERS = 12_000, 4_000  # captions that are read for the tokens, and for the words of each attribute
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


def train_autoencoder(run: TrainingRun, ranks: Ranks) -> None:
    """Start from data, train on crops, whiten the latents, save `work/vae`."""
    torch.manual_seed(run.seed)
    pool = pictures.PicturePool(_codec_pictures(run, ranks))
    vae = autoencoder.new_autoencoder()
    autoencoder.start_from_data(vae, pool(3 * run.first, 64, torch.Generator().manual_seed(run.seed)))
    held_BCHW = _unseen(run)
    log = StepLog(run.work / "vae.log", ranks)
    log.say(f"start {autoencoder.psnr(vae, held_BCHW):.2f} dB")
    fit(
        Reconstruction(vae, pool, seed=run.seed * 100 + ranks.rank),
        Budget(seconds=60 * run.minutes["vae"]),
        Recipe(1.5e-3, flat=0.4, ema=0.995),
        path=run.work / "vae.pt",
        ranks=ranks,
        report=log,
    )
    if ranks.first:
        log.say(f"end {autoencoder.psnr(vae, held_BCHW):.2f} dB")
        shares = autoencoder.standardise(vae, held_BCHW)
        log.say(
            f"share of grain per latent channel {shares}; {autoencoder.psnr(vae, held_BCHW):.2f} dB after whitening"
        )
        vae.eval().save_pretrained(run.work / "vae")


def train_decoder(run: TrainingRun, ranks: Ranks) -> None:
    """Let the decoder alone learn on: latents stay, so a painter that was built on them stays right; replaces
    `work/vae`."""
    torch.manual_seed(run.seed + 1)
    pool = pictures.PicturePool(_codec_pictures(run, ranks))
    vae = AutoencoderKL.from_pretrained(run.work / "vae")
    held_BCHW = _unseen(run)
    log = StepLog(run.work / "decoder.log", ranks)
    log.say(f"start {autoencoder.psnr(vae, held_BCHW):.2f} dB")
    fit(
        Reconstruction(vae, pool, seed=run.seed * 100 + 7 + ranks.rank, encoder=False),
        Budget(seconds=60 * run.minutes["decoder"]),
        Recipe(1e-3, flat=0.4, ema=0.99),
        path=run.work / "decoder.pt",
        ranks=ranks,
        report=log,
    )
    if ranks.first:
        log.say(f"end {autoencoder.psnr(vae, held_BCHW):.2f} dB")
        vae.eval().save_pretrained(run.work / "vae")


def _unseen(run: TrainingRun) -> torch.Tensor:
    """(B, 3, CODEC_PX, CODEC_PX) in -1..1."""
    return torch.stack(
        [data.to_tensor(e.image) for e in islice(pictures.quick_examples(999_983, CODEC_PX), run.unseen)]
    )


def _codec_pictures(run: TrainingRun, ranks: Ranks) -> Iterator[Bytes]:
    """Quick scenes, some path-traced ones and plates, for crops."""
    seed = run.seed * 1000 + 17 * ranks.rank
    traced, quick = pictures.growing(run.scenes), pictures.quick_examples(seed, CODEC_PX)
    plates = pictures.folder_pictures(run.plates) if run.plates and run.plates.exists() else []
    for turn, example in enumerate(pictures.mixed(quick, traced, 0.35, seed)):
        yield example.image
        if plates and turn % 4 == 0:
            yield plates[(turn // 4) % len(plates)]


def train_words(run: TrainingRun, ranks: Ranks) -> None:
    """Build the tokenizer from captions, teach the text encoder its first words, save `work/tokenizer` and
    `work/text`."""
    torch.manual_seed(run.seed)
    if not ranks.first:  # a minute of small batches: not worth sharing
        return
    tokenizer = text.new_tokenizer(_corpus(run))
    encoder = text.new_text_encoder(tokenizer)
    task = Words(encoder, tokenizer, quick_captions(run.seed), _answers())
    log = StepLog(run.work / "text.log", ranks, every_s=10)
    log.say(f"{len(tokenizer)} tokens")
    fit(task, Budget(seconds=60 * run.minutes["text"]), Recipe(2e-3, ema=0.99), report=log)
    text.save_tokenizer(tokenizer, run.work / "tokenizer")
    encoder.save_pretrained(run.work / "text")


def _corpus(run: TrainingRun) -> Iterator[str]:
    for texts, _ in islice(quick_captions(run.seed + 1), CORPUS):
        yield from texts
    if run.scenes and (run.scenes / "manifest.json").exists():
        for example in data.read_shards(run.scenes):
            yield from example.captions


def _answers() -> dict[str, tuple[str, ...]]:
    """Attribute -> the words it can take."""
    seen: dict[str, set[str]] = {name: set() for name in ATTRIBUTES}
    for _, facts in islice(quick_captions(1), ANSWERS):
        for name in ATTRIBUTES:
            seen[name].add(facts[name])
    return {name: tuple(sorted(words - {""})) for name, words in seen.items()}


def train_painter(run: TrainingRun, ranks: Ranks) -> None:
    """Train the UNet and the text encoder on latents, then write the model folder."""
    torch.manual_seed(run.seed)
    vae, tokenizer, task = _painting(run, ranks)
    fit(
        task,
        Budget(seconds=60 * run.minutes["unet"]),
        PAINTER,
        path=run.work / "unet.pt",
        ranks=ranks,
        report=StepLog(run.work / "unet.log", ranks),
    )
    if ranks.first:
        pipeline.write_folder(run.out, vae, task.encoder, tokenizer, task.unet)


def export(run: TrainingRun, ranks: Ranks) -> None:
    """Write the model folder from the newest checkpoint of a run that may still go on."""
    if ranks.first:
        encoder, unet = _parts(run)
        module = torch.nn.ModuleDict({"unet": unet, "text": encoder})
        state = torch.load(run.work / "unet.pt", map_location="cpu", weights_only=True)
        module.load_state_dict(state["module"])
        with torch.no_grad():
            for parameter, average in zip(module.parameters(), state["shadow"], strict=True):
                parameter.copy_(average)
        pipeline.write_folder(run.out, load_vae(run.work), encoder, _tokenizer(run), unet)


def _tokenizer(run: TrainingRun) -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained(run.work / "tokenizer")


def _parts(run: TrainingRun) -> tuple[CLIPTextModel, UNet2DConditionModel]:
    encoder = CLIPTextModel.from_pretrained(run.work / "text")
    return encoder, pipeline.new_unet(text_width=encoder.config.hidden_size)


def _painting(run: TrainingRun, ranks: Ranks) -> tuple[AutoencoderKL, CLIPTokenizer, Painting]:
    vae, tokenizer = load_vae(run.work), _tokenizer(run)
    encoder, unet = _parts(run)
    pools = {
        (size, share): _pool(run, ranks, vae, tokenizer, size, share)
        for size, share in ((128, EARLY), (128, LATE), (192, LATE))
    }
    early, late, large = pools.values()
    early.fill(run.first)
    phases = (
        Phase(0.0, ((early, 16, 1.0),)),
        Phase(0.55, ((early, 16, 0.35), (late, 16, 0.35), (large, 10, 0.3))),
        Phase(0.78, ((early, 16, 0.10), (late, 16, 0.25), (large, 10, 0.65))),
    )
    empty_L = token_ids(tokenizer, [""])[0]
    return vae, tokenizer, Painting(unet, encoder, phases, empty_L=empty_L, seed=run.seed * 1000 + ranks.rank)


def _pool(
    run: TrainingRun, ranks: Ranks, vae: AutoencoderKL, tokenizer: CLIPTokenizer, size: int, share: float
) -> LatentPool:
    seed = run.seed * 1000 + ranks.rank * 101 + size + int(share * 10)
    rng = np.random.default_rng(seed)
    fresh = pictures.mixed(pictures.quick_examples(seed, size), _finished(run, size, rng), share, seed)
    policy = partial(masks.drawn, product=0.78, all_=0.12)
    tokens = partial(token_ids, tokenizer)
    return LatentPool(fresh, lambda examples: encode(vae, tokens, examples, policy, rng), capacity=5000, per_draw=2)


def _finished(run: TrainingRun, size: int, rng: np.random.Generator) -> Iterator[Example | None]:
    """Path-traced scenes and products staged on path-traced plates in turn, of what there is by now; None without
    either."""
    traced = pictures.growing(run.scenes)
    stage = pictures.staged_examples(run.plates, rng, size)
    while True:
        scene = next(traced)
        if scene:
            yield data.cropped(scene, (size, size), rng)
        yield next(stage)


def load_vae(folder: Path) -> AutoencoderKL:
    """The trained autoencoder of a work or model folder, frozen."""
    vae = AutoencoderKL.from_pretrained(folder / "vae").eval()
    return vae.requires_grad_(False)


STAGES: dict[str, Callable[[TrainingRun, Ranks], None]] = {
    "vae": train_autoencoder,
    "text": train_words,
    "decoder": train_decoder,
    "unet": train_painter,
    "export": export,
}
