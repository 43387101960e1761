"""Write every dashboard's JSON to where Grafana is provisioned from."""

import json
from collections.abc import Mapping
from pathlib import Path

from deploy.dashboards import cost, overview, quality, training
from deploy.dashboards.board import Dashboard, rendered
from deploy.dashboards.stage import gateway, stage

FOLDER = Path(__file__).resolve().parents[1] / "grafana" / "dashboards"

BOARDS: tuple[Dashboard, ...] = (
    overview.BOARD,
    stage("segmenter", "Which pixels are the product?", models=True),
    stage("captioner", "What is it, and what stands behind it?", models=True),
    stage("inpainter", "Several ranked options for each scene.", models=True),
    stage("curator", "Which samples teach the right taste?", models=False),
    stage("trainer", "Requests into the ledger, jobs out of it.", models=False),
    gateway(),
    training.BOARD,
    quality.BOARD,
    cost.BOARD,
)


def files() -> Mapping[Path, str]:
    """What each file holds."""
    return {
        FOLDER / f"{board.uid.removeprefix('backdrop-')}.json": json.dumps(rendered(board), indent=1) + "\n"
        for board in BOARDS
    }


def main() -> None:
    """Write them; what is no dashboard any more goes."""
    made = files()
    for stale in set(FOLDER.glob("*.json")) - set(made):
        stale.unlink()
    for path, text in made.items():
        path.write_text(text)
    print(f"{len(made)} dashboards in {FOLDER}")


if __name__ == "__main__":
    main()
