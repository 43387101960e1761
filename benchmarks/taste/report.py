"""What a run came to: report.json, a plot, and a page that says what it shows and what it does not."""

import html
import json
from pathlib import Path
from typing import Any

from benchmarks.taste.figures import Impression, Interval, lift, product_rates, wilson
from benchmarks.taste.run import FROZEN, LEARNING, ShownOption, TasteHistory, TastePlan
from shared.contracts.blobs import BlobStore, fetch

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 340, 64, 24, 44
COLOURS = {LEARNING: "#0b6e4f", FROZEN: "#8a8f98"}
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


def plot(found: dict[str, Any]) -> str:
    """Both arms' click rates with their intervals as an SVG; a dashed line where the taste changes."""
    rows = found["rounds"]
    rounds, most = 1 + max(int(row["round"]) for row in rows), 1.1 * max(float(row["high"]) for row in rows)

    def x(number: float) -> float:
        return LEFT + (WIDTH - LEFT - 20) * number / max(1, rounds - 1)

    def y(rate: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * rate / most

    parts = [f'<text x="{LEFT}" y="14" class="t">simulated click rate per round, 95 % intervals</text>']
    for tick in range(5):
        rate = most * tick / 4
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y(rate):.1f}" y2="{y(rate):.1f}" class="g"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(rate) + 4:.1f}" text-anchor="end">{rate:.1%}</text>')
    parts += [f'<text x="{x(n):.1f}" y="{HEIGHT - 24}" text-anchor="middle">{n}</text>' for n in range(rounds)]
    if found["changes_to"]:
        at = x(found["changes_to"]["round"] - 0.5)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" class="c"/>')
        parts.append(f'<text x="{at + 4:.1f}" y="{TOP + 12}">the taste changes</text>')
    for place, (arm, colour) in enumerate(COLOURS.items()):
        mine = [row for row in rows if row["arm"] == arm]
        upper = [f"{x(row['round']):.1f},{y(row['high']):.1f}" for row in mine]
        lower = [f"{x(row['round']):.1f},{y(row['low']):.1f}" for row in reversed(mine)]
        line = " ".join(f"{x(row['round']):.1f},{y(row['rate']):.1f}" for row in mine)
        parts.append(f'<polygon points="{" ".join(upper + lower)}" fill="{colour}" opacity=".18"/>')
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts.append(f'<text x="{LEFT + 150 * place}" y="{HEIGHT - 6}" fill="{colour}">{arm} arm</text>')
    style = "text{font:12px sans-serif}.g{stroke:#ddd}.c{stroke:#b33;stroke-dasharray:5 4}.t{font-weight:bold}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><style>{style}</style>'
    return head + "".join(parts) + "</svg>"


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
        f"<h2>What was shown first for each product</h2><table><tr>{heads}</tr>{cells}</table></html>"
    )


def _cell(picture: tuple[str, str] | None) -> str:
    if picture is None:
        return "<td></td>"
    return f'<td><img src="{html.escape(picture[0])}" alt=""><br>{html.escape(picture[1])}</td>'
