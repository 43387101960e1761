"""Make ready what services find and never create: topics, the bucket, users, tables. Safe to run again.

python -m deploy.provision [--raise-partitions] [--set-settings] [--replication 3] [--skip-catalogue]
python -m deploy.provision --policies <folder>     least-privilege S3 policies, one file per service
"""

import argparse
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from minio import Minio
from minio.error import S3Error

from deploy import credentials, policies, rights, topics_admin
from shared.runtime.settings import KafkaSettings, MinioSettings

PATIENCE_S = 60.0
CATALOGUE = "services.curator.migrations"
PROJECTION = "services.gateway.migrations"


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line. What differs from the contract is reported and does not keep the stack down."""
    options = _parser().parse_args(arguments)
    if options.policies:
        return _write_policies(options.policies, MinioSettings().bucket)
    admin = kafka_admin(KafkaSettings())
    try:
        provision_topics(admin, options.replication, options.raise_partitions, options.set_settings)
    finally:
        admin.close()
    provision_bucket(MinioSettings())
    provision_rights(MinioSettings(), credentials.given(), os.environ.get("BACKDROP_POSTGRES_OWNER"))
    if not options.skip_catalogue:
        provision_tables("catalogue", CATALOGUE)
    if "GATEWAY_DATABASE" in os.environ:  # a stack may do without a gateway
        provision_tables("projection", PROJECTION)
    return 0


def kafka_admin(settings: KafkaSettings) -> KafkaAdminClient:
    """An administration client, once Kafka answers."""
    return _patiently("Kafka", KafkaError, lambda: topics_admin.client(settings))


def provision_topics(
    admin: KafkaAdminClient, replication: int = 1, raise_partitions: bool = False, set_settings: bool = False
) -> list[topics_admin.Drift]:
    """Create missing topics, report and on request mend what differs; returns what still differs."""
    wanted = topics_admin.wanted()
    new = topics_admin.missing(admin, wanted)
    topics_admin.create(admin, new, replication=replication)
    print(f"topics: {len(new)} created, {len(wanted) - len(new)} were there")
    differs = topics_admin.drift(admin, wanted)
    mended = topics_admin.raise_partitions(admin, differs) if raise_partitions else []
    mended += topics_admin.set_settings(admin, differs) if set_settings else []
    for name in mended:
        print(f"topics: {name} changed")
    left = [one for one in differs if one.topic not in mended]
    for one in left:
        print(f"topics: {one} (--raise-partitions or --set-settings change it)", file=sys.stderr)
    return left


def provision_bucket(settings: MinioSettings) -> None:
    """The environment's bucket, once the store answers."""
    client = Minio(
        settings.endpoint,
        access_key=settings.access_key,
        secret_key=settings.secret_key.get_secret_value(),
        secure=settings.secure,
        region=settings.region,
    )

    def ensure() -> bool:
        there = client.bucket_exists(bucket_name=settings.bucket)
        if not there:
            client.make_bucket(bucket_name=settings.bucket)
        return there

    there = _patiently("the blob store", (S3Error, OSError, Exception), ensure)
    print(f"bucket: {settings.bucket} {'was there' if there else 'created'}")


def provision_rights(settings: MinioSettings, secrets: credentials.Credentials | None, owner_dsn: str | None) -> None:
    """A user for each service, with that service's rights alone, where their secrets are given."""
    if secrets is None:
        print("rights: no secrets are given (BACKDROP_*_SECRET), so users and policies stay as they are")
        return
    print(f"rights: {', '.join(rights.grant_blobs(settings, secrets))} may do what each does in the bucket")
    if owner_dsn:
        _patiently("the catalogue's database", Exception, lambda: rights.grant_catalogue(owner_dsn, secrets))
        print("rights: the curator owns its database, and enters no other")
        if secrets.projection_secret is not None:
            _patiently("the gateway's database", Exception, lambda: rights.grant_projection(owner_dsn, secrets))
            print("rights: the gateway owns its database, and enters no other")


def provision_tables(name: str, migrations: str) -> None:
    """A service's tables at their newest revision, by the migrations it brings along."""
    try:
        found = importlib.import_module(migrations)
    except ModuleNotFoundError as error:
        if error.name != migrations and not migrations.startswith(f"{error.name}."):
            raise
        print(f"{name}: its service is not part of this installation")
        return
    _patiently(f"the {name}'s database", Exception, found.upgrade)
    print(f"{name}: up to date")


def _patiently(name: str, trouble: Any, call: Callable[[], Any]) -> Any:
    """`call()`, again and again while what it needs is only starting."""
    limit, told = time.monotonic() + PATIENCE_S, False
    while True:
        try:
            return call()
        except trouble as error:
            if time.monotonic() > limit:
                raise SystemExit(f"{name} did not answer in {PATIENCE_S:.0f} s: {error}") from error
            if not told:
                print(f"waiting for {name} …", flush=True)
            told = True
            time.sleep(1.0)


def _write_policies(folder: Path, bucket: str) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    for service in policies.READS:
        text = json.dumps(policies.policy(service, bucket), indent=2)
        (folder / f"{service}.json").write_text(text + "\n")
    print(f"policies: {len(policies.READS)} in {folder}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.provision", description=__doc__.splitlines()[0])
    parser.add_argument("--raise-partitions", action="store_true", help="keys change their partition: drain first")
    parser.add_argument("--set-settings", action="store_true", help="give topics the declared retention and cleanup")
    parser.add_argument("--replication", type=int, default=1, help="copies of each topic (3 in a real cluster)")
    parser.add_argument("--skip-catalogue", action="store_true", help="leave the curator's database alone")
    parser.add_argument("--policies", type=Path, metavar="FOLDER", help="only write the S3 policies")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
