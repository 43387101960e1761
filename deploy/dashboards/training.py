"""Does the loop learn? Samples in, a loss that falls, a model that is promoted or not."""

from deploy.dashboards.board import Dashboard, Panel, Query, Row
from deploy.dashboards.promql import grown, most

OF = 'service="trainer"'
STAGE = "{{stage}}"

RUN = Row(
    "The run in hand",
    (
        Panel(
            title="Loss",
            says="Of the newest step that was announced. It is noisy: look at where it goes, not at a step.",
            unit="none",
            queries=(Query(most("backdrop_training_loss", by="stage"), STAGE),),
        ),
        Panel(
            title="Samples a second",
            says="How fast it learns.",
            unit="samples/s",
            queries=(Query(most("backdrop_training_samples_per_second", by="stage"), STAGE),),
        ),
        Panel(
            title="How far",
            says="Steps done of the steps planned.",
            unit="percentunit",
            queries=(
                Query("max by (stage) (backdrop_training_step) / max by (stage) (backdrop_training_steps)", STAGE),
            ),
        ),
        Panel(
            title="A job is in hand",
            says="1 while a job is trained, by worker.",
            unit="short",
            queries=(Query(most("backdrop_training_in_hand", by="instance"), "{{instance}}"),),
        ),
        Panel(
            title="Since it was last heard of",
            says="Seconds since the newest progress. It grows between jobs; with a job in hand it must not.",
            unit="s",
            queries=(
                Query(
                    "time() - (max by (instance) (backdrop_training_last_progress_timestamp_seconds) > 0)",
                    "{{instance}}",
                ),
            ),
        ),
        Panel(
            title="Memory of the GPU",
            says="Used by the trainer and in all; 0 on a CPU.",
            unit="bytes",
            queries=(Query(most("backdrop_gpu_memory_bytes", OF, "instance, kind"), "{{instance}} {{kind}}"),),
        ),
    ),
)

ENDS = Row(
    "What came of it",
    (
        Panel(
            title="Trained, promoted, failed",
            says="In six hours, with the stage or the reason.",
            unit="short",
            queries=(Query(grown("backdrop_outcomes_total", OF, "outcome, reason", "6h"), "{{outcome}}: {{reason}}"),),
        ),
        Panel(
            title="Samples kept and dropped",
            says="The curator's verdicts in an hour, by reason: what the next dataset is made of.",
            unit="short",
            stacked=True,
            queries=(
                Query(
                    grown("backdrop_outcomes_total", 'service="curator", outcome=~"kept|dropped"', "reason", "1h"),
                    "{{reason}}",
                ),
            ),
        ),
        Panel(
            title="Datasets released",
            says="In a day, by dataset.",
            unit="short",
            queries=(Query(grown("backdrop_outcomes_total", 'outcome="released"', "reason", "1d"), "{{reason}}"),),
        ),
    ),
)

BOARD = Dashboard(
    uid="backdrop-training",
    title="Backdrop: training",
    says="Does the loop learn? Samples in, a loss that falls, a model that is promoted or not.",
    rows=(RUN, ENDS),
)
