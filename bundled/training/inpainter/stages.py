"""The stages that make the bundled inpainter: what each trains, on which pictures, and what it leaves in the folder."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from bundled.quick import quick_captions
from bundled.training.inpainter import autoencoder, pipeline, text
from bundled.training.inpainter.painting import Painting, Phase, Words
from bundled.training.inpainter.pools import feeding, pictures
from bundled.training.inpainter.pools.picture_pool import PicturePool
from bundled.training.inpainter.reconstruction import Reconstruction
from bundled.training.inpainter.step_log import StepLog
from bundled.training.inpainter.training_run import TrainingRun
from services.trainer.model.lessons import data
from services.trainer.model.lessons.text import token_ids
from services.trainer.model.running.loop import Budget, Recipe, fit
from services.trainer.model.running.ranks import Ranks

CORPUS, ANSWERS = 12_000, 4_000  # captions that are read for the tokens, and for the words of each attribute
MOST = 256  # pictures that the autoencoder's start and the latents' scale are taken from
# from this part of the run on, pictures of these sizes (px), each so often
PHASES = ((0.0, {128: 1.0}), (0.35, {128: 0.25, 192: 0.65, 256: 0.1}))
ATTRIBUTES = (
    "surface",
    "backdrop",
    "surface_colour",
    "backdrop_colour",
    "light_colour",
    "light_direction",
    "light_quality",
)


def train_autoencoder(run: TrainingRun, ranks: Ranks) -> None:
    """Start from data, train on crops, whiten the latents, save `work/vae`."""
    torch.manual_seed(run.seed)
    pool, numbers = feeding.crops(run, ranks), torch.Generator(run.device).manual_seed(run.seed)
    vae = autoencoder.new_autoencoder()
    autoencoder.start_from_data(vae, pool(min(3 * run.first, MOST), 64, numbers).cpu())
    log = StepLog(run.work / "vae.log", ranks, every_s=10)
    _reconstruct(run, ranks, vae, pool, log, Recipe(1.5e-3, flat=0.4, ema=0.995))
    if ranks.first:
        shares = autoencoder.standardise(vae, pool(min(4 * run.first, MOST), 128, numbers))
        log.say(f"share of grain per latent channel {shares}; {_psnr(vae, run):.2f} dB after whitening")
        _keep(vae, run)


def train_decoder(run: TrainingRun, ranks: Ranks) -> None:
    """Let the decoder alone learn on: latents stay, so a painter that was built on them stays right; replaces
    `work/vae`."""
    torch.manual_seed(run.seed + 1)
    vae = AutoencoderKL.from_pretrained(run.work / "vae")
    log = StepLog(run.work / "decoder.log", ranks)
    _reconstruct(run, ranks, vae, feeding.crops(run, ranks), log, Recipe(1e-3, flat=0.4, ema=0.99), encoder=False)
    if ranks.first:
        _keep(vae, run)


def _keep(vae: AutoencoderKL, run: TrainingRun) -> None:
    on_device(vae, "cpu")
    vae.eval().save_pretrained(run.work / "vae")


def _reconstruct(
    run: TrainingRun,
    ranks: Ranks,
    vae: AutoencoderKL,
    pool: PicturePool,
    log: StepLog,
    recipe: Recipe,
    *,
    encoder: bool = True,
) -> None:
    """Train on crops for the stage's minutes; the log tells where it began and ended."""
    on_device(vae, run.device)
    log.say(f"start {_psnr(vae, run):.2f} dB")
    stage = "vae" if encoder else "decoder"
    seed = run.seed * 100 + (0 if encoder else 7) + ranks.rank
    task = Reconstruction(vae, pool, seed=seed, batch=run.batch, encoder=encoder)
    budget = Budget(seconds=60 * run.minutes[stage])
    fit(task, budget, recipe, path=run.work / f"{stage}.pt", ranks=ranks, report=log)
    if ranks.first:
        log.say(f"end {_psnr(vae, run):.2f} dB")


def on_device(module: torch.nn.Module, device: str) -> None:
    """Move weights there; a GPU's convolutions want their channels last."""
    module.to(device).to(memory_format=torch.channels_last if device == "cuda" else torch.contiguous_format)


def _psnr(vae: AutoencoderKL, run: TrainingRun) -> float:
    return autoencoder.psnr(vae, feeding.unseen(run).to(vae.device))


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
        yield pictures.DRAWN
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
        Recipe(run.rate, flat=0.5, warmup_steps=100),
        path=run.work / "unet.pt",
        ranks=ranks,
        report=StepLog(run.work / "unet.log", ranks, every_s=10),
    )
    if ranks.first:
        for module in (vae, task.encoder, task.unet):
            on_device(module, "cpu")
        _share(run, task.module)
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
        _share(run, module)
        pipeline.write_folder(run.out, load_vae(run.start or run.work), encoder, _tokenizer(run), unet)


@torch.no_grad()
def _share(run: TrainingRun, module: torch.nn.Module) -> None:
    """Between the start's weights and those it went on to: what both know stays (Wortsman et al. 2022, WiSE-FT,
    arXiv:2109.01903)."""
    if run.share < 1:
        encoder, unet = _parts(run)
        start = torch.nn.ModuleDict({"unet": unet, "text": encoder})
        for parameter, first in zip(module.parameters(), start.parameters(), strict=True):
            parameter.lerp_(first, 1 - run.share)


def _tokenizer(run: TrainingRun) -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained((run.start or run.work) / "tokenizer")


def _parts(run: TrainingRun) -> tuple[CLIPTextModel, UNet2DConditionModel]:
    """What learns, in float32: new, or a finished model's."""
    if run.start:
        encoder = CLIPTextModel.from_pretrained(run.start / "text_encoder", dtype=torch.float32)
        return encoder, UNet2DConditionModel.from_pretrained(run.start / "unet", torch_dtype=torch.float32)
    encoder = CLIPTextModel.from_pretrained(run.work / "text")
    return encoder, pipeline.new_unet(text_width=encoder.config.hidden_size)


def _painting(run: TrainingRun, ranks: Ranks) -> tuple[AutoencoderKL, CLIPTokenizer, Painting]:
    vae, tokenizer = load_vae(run.start or run.work), _tokenizer(run)
    pools = feeding.pools_of(run, ranks, vae, tokenizer, PHASES[-1][1])
    encoder, unet = _parts(run)
    for module in (vae, unet, encoder):
        on_device(module, run.device)
    pools[128].fill(run.first)
    smallest = min(pools)
    phases = [
        Phase(start, tuple((pools[px], max(1, run.batch * smallest // px), often) for px, often in shares.items()))
        for start, shares in (((0.0, PHASES[-1][1]),) if run.start else PHASES)
    ]
    empty_L = token_ids(tokenizer, [""])[0]
    return vae, tokenizer, Painting(unet, encoder, phases, empty_L=empty_L, seed=run.seed * 1000 + ranks.rank)


def load_vae(folder: Path) -> AutoencoderKL:
    """The trained autoencoder of a work or model folder, frozen."""
    vae = AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32).eval()
    return vae.requires_grad_(False)


STAGES: dict[str, Callable[[TrainingRun, Ranks], None]] = {
    "vae": train_autoencoder,
    "text": train_words,
    "decoder": train_decoder,
    "unet": train_painter,
    "export": export,
}
