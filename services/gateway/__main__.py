"""For whoever runs a gateway: python -m services.gateway keys|rebuild|webhooks …

keys create --tenant acme --name shop --scope submit --scope read [--days 90]
keys list | rotate <key id> [--overlap-hours 24] | revoke <key id>
rebuild                                     the projection anew, from offset 0 of every topic
webhooks list --tenant acme | replay <webhook id> [--since 2026-03-01T00:00:00Z]
"""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from services.gateway.app import open_store, rebuild_now
from services.gateway.callers import administration
from services.gateway.callers.keys import SCOPES
from shared.contracts.errors import BackdropError
from shared.contracts.events import in_utc


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; 0 when it did what it says, 1 when it could not, with the reason in words."""
    options = _parser().parse_args(arguments)
    verbs: dict[str, Callable[[argparse.Namespace], None]] = {
        "create": _create, "list": _list, "rotate": _rotate, "revoke": _revoke, "replay": _replay,
    }  # fmt: skip
    try:
        if options.what == "rebuild":
            print(f"{rebuild_now()} events")
        elif options.what == "webhooks" and options.verb == "list":
            _webhooks(options)
        else:
            verbs[options.verb](options)
    except BackdropError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


def _create(options: argparse.Namespace) -> None:
    store, pepper = open_store()
    words = administration.create_key(
        store,
        tenant=options.tenant,
        name=options.name,
        scopes=options.scope,
        pepper=pepper,
        now=_now(),
        days=options.days,
    )
    print(words)


def _list(options: argparse.Namespace) -> None:
    for key in open_store()[0].all_keys():
        print(administration.described(key, _now()))


def _rotate(options: argparse.Namespace) -> None:
    store, pepper = open_store()
    overlap = options.overlap_hours
    print(administration.rotate_key(store, options.id, pepper=pepper, now=_now(), overlap_hours=overlap))


def _revoke(options: argparse.Namespace) -> None:
    administration.revoke_key(open_store()[0], options.id, _now())


def _webhooks(options: argparse.Namespace) -> None:
    for webhook in open_store()[0].webhooks(options.tenant):
        state = "on" if webhook.active else "off"
        print(f"{webhook.webhook_id}  {state:<3} {webhook.url}  {','.join(webhook.types) or 'all events'}")


def _replay(options: argparse.Namespace) -> None:
    since = None if options.since is None else in_utc(datetime.fromisoformat(options.since))
    print(f"{open_store()[0].send_again(options.id, _now(), since=since)} deliveries are due again")


def _now() -> datetime:
    return datetime.now(UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.gateway", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_subparsers(dest="what", required=True)
    _add_keys(what.add_parser("keys"))
    what.add_parser("rebuild")
    webhooks = what.add_parser("webhooks").add_subparsers(dest="verb", required=True)
    webhooks.add_parser("list").add_argument("--tenant", default="default")
    replay = webhooks.add_parser("replay")
    replay.add_argument("id")
    replay.add_argument("--since", help="everything since this moment; what is dead when absent")
    return parser


def _add_keys(keys: argparse.ArgumentParser) -> None:
    verbs = keys.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser("create")
    create.add_argument("--tenant", default="default")
    create.add_argument("--name", required=True, help="who will hold it")
    create.add_argument("--scope", action="append", required=True, choices=sorted(SCOPES))
    create.add_argument("--days", type=int, help="how long it opens anything; for ever when absent")
    verbs.add_parser("list")
    rotate = verbs.add_parser("rotate")
    rotate.add_argument("id")
    rotate.add_argument("--overlap-hours", type=float, default=24.0, help="for which both keys open")
    verbs.add_parser("revoke").add_argument("id")


if __name__ == "__main__":
    raise SystemExit(main())
