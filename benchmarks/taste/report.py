"""What a run came to: report.json, its plot, and a page that says what it shows and what it does not."""

import html
import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.taste.figures import Impression, Interval, lift, product_rates, wilson
from benchmarks.taste.plot import plot
from benchmarks.taste.run import FROZEN, LEARNING, ShownOption, TasteHistory, TastePlan
from shared.contracts.blobs import BlobStore, fetch

INTERVAL = "95 %, Student's t over products"
PROVES = """
It shows that every joint of the loop holds: clicks on single options reach the curator, are weighed, become styles and
a dataset, a training and a verdict, and change what is painted next, without a hand in between. It does not show that
real people behave so. The people are simulated: their taste is a sum over what the attribute probe reads in the pixels
of the pictures, and the inpainter measures adherence with the same probe; they see every option equally often, and
nobody grows tired of a look. Products are few, and the rise comes from ideas and ranking far more than from the LoRA,
whose trainings are minutes long here.
"""


def report(plan: TastePlan, course: TasteHistory) -> dict[str, Any]:
    """Everything that was measured; intervals of rounds are Wilson's, that of the verdict is over products."""
    last = plan.change
    verdict = lift(course.shown, range(min(2, last - 1), last))
    after = lift(course.shown, range(last, last + 1)) if plan.rounds > last else None
    return {
        "seed": plan.seed,
        "taste": plan.taste(0).name,
        "changes_to": {"round": last, "taste": plan.taste(last).name} if plan.rounds > last else None,
        "rounds": [_row(course.shown, number, arm) for number in range(plan.rounds) for arm in (LEARNING, FROZEN)],
        "leading": [_leading(course, number) for number in range(plan.rounds)],
        "styles": {str(number): list(names) for number, names in course.styles.items()},
        "promotions": [
            {
                "round": verdict.after_round,
                "stage": verdict.trained.stage,
                "revision": verdict.trained.revision,
                "promoted": verdict.promoted,
                "metrics": verdict.trained.metrics,
            }
            for verdict in course.verdicts
        ],
        "failed_trainings": [failed.model_dump(mode="json") for failed in course.failed],
        "verdict": _said(verdict) | {"rounds": [min(2, last - 1), last - 1], "interval": INTERVAL},
        "products": {
            product: {"learning": round(learning, 5), "frozen": round(frozen, 5)}
            for product, (learning, frozen) in product_rates(course.shown, range(min(2, last - 1), last)).items()
        },
        "after_the_change": _said(after) if after else None,
    }


def _said(found: Interval) -> dict[str, float]:
    return {"lift": round(found.value, 4), "low": round(found.low, 4), "high": round(found.high, 4)}


def _row(shown: list[Impression], number: int, arm: str) -> dict[str, Any]:
    mine = [one for one in shown if (one.round, one.arm) == (number, arm)]
    clicks, impressions = sum(one.clicks for one in mine), sum(one.impressions for one in mine)
    rate = wilson(clicks, impressions)
    return {
        "round": number,
        "arm": arm,
        "model": ", ".join(sorted({one.model for one in mine})),
        "impressions": impressions,
        "clicks": clicks,
        "rate": round(rate.value, 5),
        "low": round(rate.low, 5),
        "high": round(rate.high, 5),
    }


def _leading(course: TasteHistory, number: int) -> dict[str, Any]:
    """The scenes that the learning arm's products show first in a round, and how far one of them prevails."""
    first = {product: option.image for (played, product), option in course.pictures.items() if played == number}
    scenes = Counter(image.plate or image.prompt for image in first.values())
    (commonest, count), *_ = scenes.most_common(1)
    return {
        "round": number,
        "scenes": len(scenes),
        "commonest": commonest,
        "share": round(count / len(first), 3),
        "first": {product: f"{image.prompt} ({image.plate or 'no plate'})" for product, image in first.items()},
    }


def write(out: Path, plan: TastePlan, course: TasteHistory, blobs: BlobStore) -> dict[str, Any]:
    """report.json, taste.svg, index.html and the pictures it shows; returns the report."""
    out.mkdir(parents=True, exist_ok=True)
    found = report(plan, course)
    (out / "report.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (out / "taste.svg").write_text(plot(found), encoding="utf-8")
    shown = sorted({0, plan.change - 1, plan.rounds - 1})
    pictures = {key: _picture(out, key, option, blobs) for key, option in course.pictures.items() if key[0] in shown}
    (out / "index.html").write_text(_page(found, pictures, shown), encoding="utf-8")
    return found


def _picture(out: Path, key: tuple[int, str], option: ShownOption, blobs: BlobStore) -> tuple[str, str]:
    name = f"round-{key[0]}-{key[1]}.png"
    (out / name).write_bytes(fetch(blobs, option.image.image))
    return name, option.image.prompt


def _page(found: dict[str, Any], pictures: dict[tuple[int, str], tuple[str, str]], shown: list[int]) -> str:
    verdict = found["verdict"]
    products = sorted({product for _, product in pictures})
    cells = "".join(
        "<tr>" + "".join(_cell(pictures.get((number, product))) for number in shown) + "</tr>" for product in products
    )
    styles = "".join(
        f"<li>round {number}: {html.escape(', '.join(names) or 'none yet')}</li>"
        for number, names in found["styles"].items()
    )
    leading = "".join(
        f"<li>round {row['round']}: {row['scenes']} scenes, {html.escape(row['commonest'])} for {row['share']:.0%}</li>"
        for row in found["leading"]
    )
    heads = "".join(f"<th>round {number}</th>" for number in shown)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>The taste loop</title>"
        "<style>body{font:16px/1.5 sans-serif;max-width:860px;margin:2em auto;padding:0 1em}img{width:250px}"
        "td{vertical-align:top;font-size:13px;max-width:250px}</style>"
        f"<h1>The taste loop, seed {found['seed']}</h1><p>People like {html.escape(found['taste'])}. "
        f"Rounds {verdict['rounds'][0]}–{verdict['rounds'][1]}: the learning arm's click rate lies "
        f"<b>{verdict['lift']:+.0%}</b> from the frozen arm's ({verdict['low']:+.0%} to {verdict['high']:+.0%}, "
        f"{verdict['interval']}).</p>{plot(found)}<h2>What this shows, and what not</h2><p>{html.escape(PROVES)}</p>"
        f"<h2>Styles that people like, as they were mined</h2><ul>{styles}</ul>"
        f"<h2>How many scenes lead in the learning arm, and the commonest</h2><ul>{leading}</ul>"
        f"<h2>What was shown first for each product</h2><table><tr>{heads}</tr>{cells}</table></html>"
    )


def _cell(picture: tuple[str, str] | None) -> str:
    if picture is None:
        return "<td></td>"
    return f'<td><img src="{html.escape(picture[0])}" alt=""><br>{html.escape(picture[1])}</td>'
