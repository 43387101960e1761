"""Are the pictures good, and is the new model better? Everything by the revision that painted."""

from deploy.dashboards.board import Dashboard, Panel, Query, Row
from deploy.dashboards.promql import grown, mean, quantile, rate

MODEL = "{{model}}"
WINDOW = "10m"

SCORES = Row(
    "Scores of all candidates, by model revision",
    (
        Panel(
            title="Judge",
            says="Mean probability that a rater finds no defect. A new revision that lies lower should go.",
            unit="percentunit",
            queries=(Query(mean("backdrop_candidate_judge_ratio", by="model", window=WINDOW), MODEL),),
        ),
        Panel(
            title="Adherence",
            says="Mean agreement of the background with its prompt.",
            unit="percentunit",
            queries=(Query(mean("backdrop_candidate_adherence_ratio", by="model", window=WINDOW), MODEL),),
        ),
        Panel(
            title="Expansion, worst 5 %",
            says="Product that grew beyond itself, relative to the product.",
            unit="percentunit",
            queries=(Query(quantile(0.95, "backdrop_candidate_expansion_ratio", "", "model", WINDOW), MODEL),),
        ),
    ),
)

SHARES = Row(
    "What is shown",
    (
        Panel(
            title="Candidates refused by the judge",
            says="Share of the pictures made.",
            unit="percentunit",
            queries=(
                Query(
                    grown("backdrop_candidates_total", 'verdict="refused"', "model", WINDOW)
                    + " / "
                    + grown("backdrop_candidates_total", "", "model", WINDOW),
                    MODEL,
                ),
            ),
        ),
        Panel(
            title="Pictures made",
            says="Shown and refused.",
            unit="per second",
            queries=(Query(rate("backdrop_candidates_total", by="model, verdict"), "{{model}} {{verdict}}"),),
        ),
        Panel(
            title="Revision that paints",
            says="1 for each revision that some replica paints with; two lines overlap while a promotion spreads.",
            unit="short",
            queries=(Query("count by (model) (backdrop_painter_info)", MODEL),),
        ),
        Panel(
            title="Scenes without an option",
            says="Share of scenes that were answered with a rejection.",
            unit="percentunit",
            queries=(Query("backdrop:rejected:ratio_rate5m", "rejected"),),
        ),
        Panel(
            title="Raters' votes",
            says="Defects seen in a day, per rater.",
            unit="percentunit",
            queries=(
                Query(
                    grown("backdrop_votes_total", 'vote!="raters"', "vote", "1d")
                    + ' / scalar(sum(increase(backdrop_votes_total{vote="raters"}[1d])))',
                    "{{vote}}",
                ),
            ),
        ),
        Panel(
            title="Clicks per impression, by style",
            says="Of options, in a day.",
            unit="percentunit",
            queries=(
                Query(
                    grown("backdrop_engagement_total", 'act="clicks"', "style", "1d")
                    + " / "
                    + grown("backdrop_engagement_total", 'act="impressions"', "style", "1d"),
                    "{{style}}",
                ),
            ),
        ),
    ),
)

BOARD = Dashboard(
    uid="backdrop-quality",
    title="Backdrop: quality by model revision",
    says="Are the pictures good, and is the new model better?",
    rows=(SCORES, SHARES),
)
