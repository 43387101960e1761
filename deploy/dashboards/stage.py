"""One stage from close by: its messages, its model, its store, its process."""

from deploy.dashboards.board import Dashboard, Panel, Query, Row
from deploy.dashboards.promql import grown, mean, most, per_minute, quantile, rate, total

TOPIC = "{{topic}}"
FETCHING = frozenset({"segmenter"})
BATCHING = frozenset({"inpainter"})


def stage(service: str, says: str, *, models: bool) -> Dashboard:
    """The dashboard of a service; `models`: it calls some while it handles a message."""
    of = f'service="{service}"'
    rows = [_messages(of), _time(of), *([_models(service, of)] if models else []), _store(service, of), _process(of)]
    return Dashboard(uid=f"backdrop-{service}", title=f"Backdrop: {service}", says=says, rows=tuple(rows))


def gateway() -> Dashboard:
    """The dashboard of the service in front: it calls no model, and hears too many topics to list them."""
    of = 'service="gateway"'
    rows = (_messages_in_front(of), _time(of, by="service"), _process(of))
    return Dashboard(uid="backdrop-gateway", title="Backdrop: gateway", says="What pages and platforms see.", rows=rows)


def _messages_in_front(of: str) -> Row:
    return Row(
        "Messages",
        (
            Panel(
                title="Handled, by outcome",
                says="done: in the projection; dead, retried: see operations.md.",
                unit="per second",
                queries=(Query(rate("backdrop_messages_total", of, "outcome"), "{{outcome}}"),),
            ),
            Panel(
                title="Messages waiting",
                says="Published and not read, of the five topics with the most: pages are as old as these.",
                unit="short",
                queries=(Query(f"topk(5, {total('backdrop_consumer_lag', of, 'topic')})", TOPIC),),
            ),
        ),
    )


def _heard(of: str) -> tuple[Panel, ...]:
    return (
        Panel(
            title="Handled, by outcome",
            says="done: published and committed; dead, retried, answered: see operations.md; skipped: not for us.",
            unit="per second",
            queries=(Query(rate("backdrop_messages_total", of, "topic, outcome"), "{{topic}} {{outcome}}"),),
        ),
        Panel(
            title="Messages waiting",
            says="Published and not read. A partition that alone stays behind has a hot key or a stuck reader.",
            unit="short",
            queries=(
                Query(total("backdrop_consumer_lag", of, "topic"), TOPIC),
                Query(most("backdrop_consumer_lag", of, "topic"), "{{topic}}, fullest partition"),
            ),
        ),
    )


def _messages(of: str) -> Row:
    return Row(
        "Messages",
        (
            *_heard(of),
            Panel(
                title="Published",
                says="What this stage says, letters to .retry and .dead among it.",
                unit="per second",
                queries=(Query(rate("backdrop_published_total", of, "topic"), TOPIC),),
            ),
            Panel(
                title="Outcomes",
                says="What was announced, with its reason.",
                unit="per minute",
                queries=(
                    Query(per_minute("backdrop_outcomes_total", of, "outcome, reason"), "{{outcome}}: {{reason}}"),
                ),
            ),
            Panel(
                title="Dead letters",
                says="Given up in five minutes.",
                unit="short",
                queries=(Query(grown("backdrop_dead_letters_total", of, "class, reason"), "{{reason}} ({{class}})"),),
            ),
            Panel(
                title="Messages at once",
                says="Mean of the messages that were handed over together.",
                unit="short",
                queries=(Query(mean("backdrop_batch_messages", of, "topic"), TOPIC),),
            ),
        ),
    )


def _time(of: str, *, by: str = "topic") -> Row:
    return Row(
        "Time",
        (
            Panel(
                title="Waiting before it is handled",
                says="Age of messages when their handling begins: the middle one and the slowest 5 %.",
                unit="s",
                queries=_spread("backdrop_queue_age_seconds", of, by),
            ),
            Panel(
                title="In hand",
                says="Time of handling, retries in place included.",
                unit="s",
                queries=_spread("backdrop_handler_seconds", of, by),
            ),
            Panel(
                title="Oldest in hand",
                says="Age of the oldest message that is handled now; one that waits for its next try counts too.",
                unit="s",
                queries=(Query(most("backdrop_oldest_in_hand_seconds", of, "instance"), "{{instance}}"),),
            ),
        ),
    )


def _models(service: str, of: str) -> Row:
    batches = Panel(
        title="Pictures of a call",
        says="Mean of the pictures that a model got at once: more use a GPU better.",
        unit="short",
        queries=(Query(mean("backdrop_model_batch_images", of, "model"), "{{model}}"),),
    )
    return Row(
        "Models",
        (
            Panel(
                title="Busy share of a replica",
                says="Model seconds per second and replica: near 1 the model is the limit, far below something else.",
                unit="percentunit",
                stacked=True,
                queries=(
                    Query(rate("backdrop_model_seconds_sum", of, "model") + f" / scalar(sum(up{{{of}}}))", "{{model}}"),
                ),
            ),
            Panel(
                title="Time of a model's call",
                says="The middle and the slowest 5 %.",
                unit="s",
                queries=_spread("backdrop_model_seconds", of, "model"),
            ),
            Panel(
                title="Memory of the GPU",
                says="Used by this process and in all; 0 on a CPU.",
                unit="bytes",
                queries=(Query(most("backdrop_gpu_memory_bytes", of, "instance, kind"), "{{instance}} {{kind}}"),),
            ),
            *([batches] if service in BATCHING else []),
        ),
    )


def _store(service: str, of: str) -> Row:
    fetches = Panel(
        title="Fetches of URLs",
        says="The slowest 5 % of fetches from the web.",
        unit="s",
        queries=(Query(quantile(0.95, "backdrop_fetch_seconds", of, "service"), "fetch"),),
    )
    return Row(
        "Store and caches",
        (
            Panel(
                title="Calls of the blob store",
                says="By verb.",
                unit="per second",
                queries=(Query(rate("backdrop_store_seconds_count", of, "operation"), "{{operation}}"),),
            ),
            Panel(
                title="Time of a call of the store",
                says="The slowest 5 %, by verb.",
                unit="s",
                queries=(Query(quantile(0.95, "backdrop_store_seconds", of, "operation"), "{{operation}}"),),
            ),
            Panel(
                title="Found in caches",
                says="Share of requests. `manifests`: work that was done before and need not be done again.",
                unit="percentunit",
                queries=(
                    Query(
                        rate("backdrop_cache_requests_total", f'{of}, result="hit"', "cache")
                        + " / "
                        + rate("backdrop_cache_requests_total", of, "cache"),
                        "{{cache}}",
                    ),
                ),
            ),
            *([fetches] if service in FETCHING else []),
        ),
    )


def _process(of: str) -> Row:
    return Row(
        "Process",
        (
            Panel(
                title="Memory",
                says="Resident, by replica.",
                unit="bytes",
                queries=(Query(most("process_resident_memory_bytes", of, "instance"), "{{instance}}"),),
            ),
            Panel(
                title="Processor time",
                says="Cores in use, by replica.",
                unit="short",
                queries=(Query(rate("process_cpu_seconds_total", of, "instance"), "{{instance}}"),),
            ),
            Panel(
                title="Event loop late",
                says="Above a second the service cannot keep its place in its consumer group.",
                unit="s",
                queries=(Query(most("backdrop_loop_lag_seconds", of, "instance"), "{{instance}}"),),
            ),
        ),
    )


def _spread(histogram: str, of: str, by: str) -> tuple[Query, ...]:
    """The middle one and the slowest of what a histogram saw."""
    return (
        Query(quantile(0.5, histogram, of, by), f"{{{{{by}}}}} middle"),
        Query(quantile(0.95, histogram, of, by), f"{{{{{by}}}}} slowest 5 %"),
    )
