"""What a thousand pictures cost, and where the money goes."""

from deploy.dashboards.board import Dashboard, Dial, Panel, Query, Row
from deploy.dashboards.promql import grown

HOURS = 'sum_over_time((sum by (service) (up{job="backdrop"}))[1h:1m]) / 60'
ON_GPUS = 'sum_over_time((sum by (service) (up{job="backdrop", service=~"segmenter|captioner|inpainter"}))[1h:1m]) / 60'
PRICED = f"({ON_GPUS} * $gpu_hour or {HOURS} * $cpu_hour)"
SHOWN = 'scalar(sum(increase(backdrop_candidates_total{verdict="shown"}[1h])))'

MONEY = Row(
    "Cost of 1,000 pictures",
    (
        Panel(
            title="All stages",
            says="Replica hours of the last hour at the prices above, per 1,000 pictures shown in it; without storage "
            "and traffic.",
            unit="currencyUSD",
            kind="stat",
            queries=(Query(f"1000 * sum({PRICED}) / {SHOWN}", "per 1,000"),),
        ),
        Panel(
            title="By stage",
            says="Where the money goes. A stage whose model is seldom busy costs for waiting.",
            unit="currencyUSD",
            stacked=True,
            queries=(Query(f"1000 * {PRICED} / {SHOWN}", "{{service}}"),),
        ),
        Panel(
            title="For model time alone",
            says="What it would cost if no replica ever waited: model seconds at the price of a GPU hour.",
            unit="currencyUSD",
            stacked=True,
            queries=(
                Query(
                    f"1000 * {grown('backdrop_model_seconds_sum', window='1h')} / 3600 * $gpu_hour / {SHOWN}",
                    "{{service}}",
                ),
            ),
        ),
    ),
)

WORK = Row(
    "Behind the figures",
    (
        Panel(
            title="Pictures",
            says="Made and shown, in an hour; what the judge refuses is paid for too.",
            unit="short",
            queries=(Query(grown("backdrop_candidates_total", by="verdict", window="1h"), "{{verdict}}"),),
        ),
        Panel(
            title="Replica hours in the last hour",
            says="Minutes in which processes answered, as hours.",
            unit="short",
            stacked=True,
            queries=(Query(HOURS, "{{service}}"),),
        ),
        Panel(
            title="Model seconds for a picture",
            says="By stage, in the last hour, per picture shown.",
            unit="s",
            stacked=True,
            queries=(Query(f"{grown('backdrop_model_seconds_sum', window='1h')} / {SHOWN}", "{{service}}"),),
        ),
    ),
)

BOARD = Dashboard(
    uid="backdrop-cost",
    title="Backdrop: cost of 1,000 pictures",
    says="What a thousand pictures cost, and where the money goes. Prices are yours to type in above.",
    rows=(MONEY, WORK),
    dials=(
        Dial(name="gpu_hour", label="Price of a GPU replica, an hour", value="2.50"),
        Dial(name="cpu_hour", label="Price of a CPU replica, an hour", value="0.10"),
    ),
)
