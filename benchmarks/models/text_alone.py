"""What the painter paints from words alone (strength 1): are they obeyed, and how far is it from rendered scenes?

    python -m benchmarks.models.text_alone [--before FOLDER] [--scenes out/scenes] [--sheet sheet.png] [--seeds 4]

Every prompt is painted around products of the project's own photos, by each model with the same seeds. `own` is the
mean score that the probe gives the asked words, `another` that of the words of another prompt on the same pictures
(chance). The other columns are the shares of pictures in which the likeliest reading is the asked one, of those whose
words ask for it; `not led away` is the newest model with its prompt alone, not led away from the contrary light.
`KID` is the kernel distance (Binkowski et al. 2018, arXiv:1801.01401: cubic polynomial, unbiased, times 1000)
between features of the bundled probe, which learned from renders, of these pictures and of held-out rendered ones:
path-traced scenes of the held-out split if `--scenes` names a folder of them, else quick products on style plates,
which the models saw. `renders` are the held-out pictures with their own captions: what the probe can tell at best, and
the distance between two halves of them.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import ResNetForImageClassification

from bundled.training.inpainter.pools.pictures import growing, staged_examples
from services.inpainter.compose.placement import Placed, place
from services.inpainter.model.adherence import Probe
from services.inpainter.model.inpainting import InpaintPainter
from services.inpainter.ports import InpaintInput
from services.inpainter.prompt.contrary import led_away_from
from services.inpainter.prompt.parsing import parse_prompt
from services.trainer.model.lessons.data import whole
from shared.contracts.events import Placement, Scene
from shared.contracts.images import decode_mask, decode_photo
from shared.contracts.vocabulary import PASSES_FOR
from shared.model.attributes import COUNTED, AttributeReader, looked_at

ROOT = Path(__file__).resolve().parents[2]
PROBE, PLATES = ROOT / "models/mini-probe", ROOT / "models/mini-plates"
RESULTS = ROOT / "benchmarks/results/text_alone.md"
SIDE, STEPS, GUIDANCE = 192, 12, 2.0
SURFACES = (
    "oak wood",
    "white marble",
    "sand",
    "green grass",
    "pebbles",
    "beige linen",
    "dark slate",
    "snow",
    "terrazzo",
)
BACKDROPS = (
    "a red brick wall",
    "a plain beige wall",
    "a bookshelf",
    "the sea",
    "a forest",
    "a window",
    "a curtain",
    "white tiles",
)
LIGHTS = ("warm light", "cold light", "neutral light")
SIDES = ("from the left", "from the right")
OTHER = 13  # the prompt so many places on is the wrong one
SHOWN = 10  # prompts on the sheet
PLACEMENT = Placement(mode="custom", scale=0.45, x=0.5, y=0.675)


def main() -> None:
    """Measure, print the table and keep it."""
    given = _arguments()
    prompts, products = list(the_prompts()), list(the_products())
    models = {"before": given.before, "now": given.model} if given.before else {"now": given.model}
    painted = {name: paint(folder, prompts, products, given.seeds) for name, folder in models.items()}
    undirected = paint(given.model, prompts, products, given.seeds, led=False)
    renders = list(islice(held_out(given.scenes), len(prompts) * given.seeds))
    seen = features([one for one, _ in renders])
    rows = [
        Row(name, obeyed(pictures, prompts), read_right(pictures, prompts), kid(features(pictures), seen))
        for name, pictures in {**painted, "now, not led away": undirected}.items()
    ]
    shown, spoken = [one for one, _ in renders], [words for _, words in renders]
    rows.append(Row("renders", obeyed(shown, spoken), read_right(shown, spoken), kid(seen[::2], seen[1::2])))
    text = report(rows)
    print(text)
    RESULTS.write_text(text)
    if given.sheet:
        sheet(list(painted.values()), len(prompts)).save(given.sheet)


@dataclass(frozen=True)
class Row:
    """What is told of one kind of pictures."""

    name: str
    obeyed: tuple[float, float]
    right: Mapping[str, float]
    distance: float

    def __str__(self) -> str:
        shares = [f"{self.right[attribute]:.0%}" for attribute in COUNTED]
        scores = [f"{score:.3f}" for score in self.obeyed]
        return f"| {' | '.join([self.name, *scores, *shares, f'{1000 * self.distance:.0f}'])} |"


def report(rows: Sequence[Row]) -> str:
    """As a page."""
    command = "`python -m benchmarks.models.text_alone --before … --scenes out/scenes`"
    about = f"{command}, {SIDE} px, {STEPS} steps, guidance {GUIDANCE:g}; renders are held-out ones."
    columns = ["pictures", "own", "another", *(name.replace("_", " ") for name in COUNTED), "KID"]
    head = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    return "\n".join(["# From words alone", "", about, "", *head, *map(str, rows), ""])


def the_prompts() -> Iterator[str]:
    """36: each surface four times, backdrops, lights and sides in turn."""
    for number, (turn, surface) in enumerate(product(range(4), SURFACES)):
        backdrop = BACKDROPS[(number + turn) % len(BACKDROPS)]
        yield f"on {surface}, {backdrop} behind, {LIGHTS[number % 3]} {SIDES[turn % 2]}"


def the_products() -> Iterator[Placed]:
    """The project's photos that have masks, each in the lower middle of a square."""
    scene = Scene(width=SIDE, height=SIDE, placement=PLACEMENT)
    for outline in sorted((ROOT / "samples/photos/masks").glob("*.png")):
        photo = decode_photo((ROOT / "samples/photos" / f"{outline.stem}.jpg").read_bytes())
        yield place(photo.rgb, decode_mask(outline.read_bytes(), photo.size), scene)


def paint(
    folder: Path, prompts: Sequence[str], products: Sequence[Placed], seeds: int, *, led: bool = True
) -> list[Placed]:
    """Each prompt with each seed, in turn with every product, which is laid over it."""
    painter = InpaintPainter(str(folder), side=SIDE, steps=STEPS, guidance=GUIDANCE, threads=1, batch=9)
    inputs = [
        InpaintInput(one.photo, one.mask, prompt, led_away_from(prompt, "") if led else "", seed, 1.0)
        for seed in range(seeds)
        for number, prompt in enumerate(prompts)
        for one in [products[(number + seed) % len(products)]]
    ]
    return [
        _pasted(output.after, start)
        for first in range(0, len(inputs), 9)
        for start, output in zip(inputs[first:], painter.paint(inputs[first : first + 9]), strict=False)
    ]


def _pasted(background: NDArray[np.float32], start: InpaintInput) -> Placed:
    share = start.mask[..., None].astype(np.float32) / 255
    mixed = np.clip(background * (1 - share) + start.image * share + 0.5, 0, 255)
    return Placed(mixed.astype(np.uint8), start.mask, exact=True)


def obeyed(pictures: Sequence[Placed], prompts: Sequence[str]) -> tuple[float, float]:
    """The probe's mean score of the asked words, and of those of the prompt 13 places on."""
    probe, scores = Probe(PROBE), list[list[float]]()
    for number, one in enumerate(pictures):
        words = (prompts[(number + places) % len(prompts)] for places in (0, OTHER))
        scores.append([probe.score(one.mask, [one.photo], [asked])[0] for asked in words])
    own, another = np.mean(scores, 0)
    return float(own), float(another)


def read_right(pictures: Sequence[Placed], prompts: Sequence[str]) -> dict[str, float]:
    """Of each attribute, the share of pictures that show what was asked, by the probe's likeliest reading."""
    reader, right = AttributeReader(PROBE), {attribute: list[bool]() for attribute in COUNTED}
    for number, one in enumerate(pictures):
        (reading,) = reader.read(one.mask, [one.photo])
        for attribute, asked in parse_prompt(prompts[number % len(prompts)]).asked().items():
            if asked in reading.get(attribute, {}) and attribute in right:
                likeliest = max(reading[attribute], key=reading[attribute].__getitem__)
                right[attribute].append(likeliest in {asked, *PASSES_FOR.get(attribute, {}).get(asked, ())})
    return {attribute: float(np.mean(found)) for attribute, found in right.items()}


def held_out(scenes: Path | None) -> Iterator[tuple[Placed, str]]:
    """Rendered pictures of SIDE px without end, and what is said of them."""
    traced = growing(scenes, split="held") if scenes else staged_examples(PLATES, np.random.default_rng(77), SIDE)
    squares = (whole(example, (SIDE, SIDE)) for example in traced if example is not None)
    return (
        (Placed(square.image, square.mask, exact=True), square.captions[0]) for square in squares if square.mask.any()
    )


@torch.inference_mode()
def features(pictures: Sequence[Placed]) -> NDArray[np.float64]:
    """(N, D) of the probe's last stage, from which it answers; it sees the background alone."""
    model = ResNetForImageClassification.from_pretrained(PROBE, dtype=torch.float32).eval()
    looks = [torch.from_numpy(looked_at(one.photo, one.mask))[None] for one in pictures]
    return np.asarray([model.resnet(look).pooler_output.flatten().numpy() for look in looks], np.float64)


def kid(these: NDArray[np.float64], those: NDArray[np.float64]) -> float:
    """Unbiased squared maximum mean discrepancy under (x·y / D + 1)³."""
    scale = np.concatenate([these, those]).std() or 1.0
    a, b = these / scale, those / scale
    kernels = [(x @ y.T / x.shape[1] + 1) ** 3 for x, y in ((a, a), (b, b), (a, b))]
    inner = [(k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in kernels[:2]]
    return float(inner[0] + inner[1] - 2 * kernels[2].mean())


def sheet(models: Sequence[Sequence[Placed]], prompts: int) -> Image.Image:
    """Ten prompts in rows; four products in columns, of each model beside the other."""
    step = prompts // SHOWN
    rows = [
        np.hstack([pictures[seed * prompts + number * step].photo for pictures in models for seed in range(4)])
        for number in range(SHOWN)
    ]
    return Image.fromarray(np.vstack(rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, default=ROOT / "models/mini-inpainter")
    parser.add_argument("--before", type=Path, help="another model's folder, painted beside it")
    parser.add_argument("--scenes", type=Path, help="path-traced scenes (manifest.json and shards)")
    parser.add_argument("--sheet", type=Path, help="ten prompts by four products as a picture; wants 4 seeds")
    parser.add_argument("--seeds", type=int, default=4, help="pictures of each prompt")
    return parser.parse_args()


if __name__ == "__main__":
    main()
