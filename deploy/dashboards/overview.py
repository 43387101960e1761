"""The first look: is it well, where do products wait, what comes of them, what goes wrong?"""

from deploy.dashboards.board import Dashboard, Panel, Query, Row
from deploy.dashboards.promql import grown, mean, most, per_minute, quantile, rate, total

FIRST = 'option="first"'

WELL = Row(
    "Is it well?",
    (
        Panel(
            title="First option within two minutes",
            says="Share of products and requests, in the last hour, whose first option came within 120 s of their "
            "submission. The aim is 99 %.",
            unit="percentunit",
            kind="stat",
            width=6,
            height=4,
            queries=(Query("backdrop:first_option_in_time:ratio_rate1h", "in time"),),
        ),
        Panel(
            title="Wait for the first option",
            says="From submission to first published option, in the last hour.",
            unit="s",
            kind="stat",
            width=6,
            height=4,
            queries=tuple(
                Query(quantile(share, "backdrop_submitted_to_option_seconds", FIRST, "", "1h"), name)
                for share, name in ((0.5, "middle"), (0.95, "slowest 5 %"))
            ),
        ),
        Panel(
            title="Scenes answered in the last hour",
            says="Scenes whose options were published.",
            unit="short",
            kind="stat",
            width=6,
            height=4,
            queries=(Query('sum(increase(backdrop_outcomes_total{outcome="generated"}[1h]))', "with options"),),
        ),
        Panel(
            title="Dead letters in the last hour",
            says="Messages given up; each has its reason in its headers.",
            unit="short",
            kind="stat",
            width=6,
            height=4,
            queries=(Query("sum(increase(backdrop_dead_letters_total[1h]))", "dead letters"),),
        ),
    ),
)

WAITING = Row(
    "Where do products wait?",
    (
        Panel(
            title="Waiting before each stage",
            says="Mean time between a message's publication and the beginning of its handling. The stage on top is the "
            "bottleneck: give it workers.",
            unit="s",
            stacked=True,
            queries=(Query(mean("backdrop_queue_age_seconds"), "{{service}}"),),
        ),
        Panel(
            title="In hand at each stage",
            says="Mean time of handling. What is long here does not get shorter by more workers.",
            unit="s",
            stacked=True,
            queries=(Query(mean("backdrop_handler_seconds"), "{{service}}"),),
        ),
        Panel(
            title="Messages waiting",
            says="Published and not read yet, what autoscaling looks at.",
            unit="short",
            queries=(Query(total("backdrop_consumer_lag"), "{{service}}"),),
        ),
        Panel(
            title="Models busy",
            says="Model seconds per second: 1 is one worker whose model never rests.",
            unit="short",
            queries=(Query(rate("backdrop_model_seconds_sum"), "{{service}}"),),
        ),
        Panel(
            title="From submission to options",
            says="The slowest 5 % of first and last options.",
            unit="s",
            queries=(Query(quantile(0.95, "backdrop_submitted_to_option_seconds", "", "option"), "{{option}}"),),
        ),
        Panel(
            title="Throughput of each stage",
            says="Messages handled.",
            unit="per second",
            queries=(Query(rate("backdrop_messages_total", 'outcome="done"'), "{{service}}"),),
        ),
    ),
)

OUTCOMES = Row(
    "What comes of it?",
    (
        Panel(
            title="Outcomes",
            says="What was announced, by kind.",
            unit="per minute",
            queries=(Query(per_minute("backdrop_outcomes_total", by="service, outcome"), "{{service}} {{outcome}}"),),
        ),
        Panel(
            title="Refused and rejected, by reason",
            says="Photos without a usable product, and scenes that could not be made. A jump of one reason is a change "
            "in what is submitted, or a defect.",
            unit="per minute",
            stacked=True,
            queries=(
                Query(per_minute("backdrop_outcomes_total", 'outcome=~"refused|rejected"', "reason"), "{{reason}}"),
            ),
        ),
        Panel(
            title="What people do with options, by style",
            says="Clicks per impression in the last day, by the style asked for.",
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

WRONG = Row(
    "What goes wrong?",
    (
        Panel(
            title="Dead letters",
            says="Given up in five minutes, by what was done about such failures before and by reason.",
            unit="short",
            queries=(
                Query(
                    grown("backdrop_dead_letters_total", by="service, class, reason"),
                    "{{service}} {{reason}} ({{class}})",
                ),
            ),
        ),
        Panel(
            title="Second tries",
            says="Tries after the first in five minutes, by what went wrong.",
            unit="short",
            queries=(Query(grown("backdrop_tries_again_total", by="service, reason"), "{{service}} {{reason}}"),),
        ),
        Panel(
            title="Waiting for a dependency",
            says="Messages held in place because Kafka, the store or the database does not answer. Nothing is lost.",
            unit="short",
            queries=(Query(total("backdrop_waiting", by="service, reason"), "{{service}} {{reason}}"),),
        ),
        Panel(
            title="Errors of the blob store",
            says="Calls that failed in five minutes.",
            unit="short",
            queries=(Query(grown("backdrop_store_errors_total", by="service, reason"), "{{service}} {{reason}}"),),
        ),
        Panel(
            title="Handled again",
            says="Events whose id was handled before, and commits that Kafka refused, in five minutes.",
            unit="short",
            queries=(
                Query(grown("backdrop_duplicates_total"), "{{service}} again"),
                Query(grown("backdrop_commit_failures_total"), "{{service}} commits"),
            ),
        ),
        Panel(
            title="Event loops late",
            says="How late the slowest event loop of a stage runs; model work belongs in a thread.",
            unit="s",
            queries=(Query(most("backdrop_loop_lag_seconds"), "{{service}}"),),
        ),
        Panel(
            title="Replicas that answer",
            says="Processes of each stage that Prometheus reaches.",
            unit="short",
            queries=(Query(total("up", 'job="backdrop"'), "{{service}}"),),
        ),
    ),
)

BOARD = Dashboard(
    uid="backdrop-overview",
    title="Backdrop: overview",
    says="Is it well, where do products wait, what comes of them, what goes wrong?",
    rows=(WELL, WAITING, OUTCOMES, WRONG),
)
