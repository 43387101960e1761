"""What each service may do, told to the servers: users and policies of the blob store, the catalogue's own role.

Kafka has no ACLs here: its brokers of this stack listen without TLS on loopback or in the stack's own network, where a
SCRAM password would travel in the open. On a cluster, `KAFKA_SECURITY=scram` and the brokers' ACLs are the operator's.
"""

from typing import Any

from minio.credentials.providers import StaticProvider
from minio.minioadmin import MinioAdmin

from deploy import policies
from deploy.credentials import CATALOGUE_ROLE, Credentials
from shared.runtime.settings import MinioSettings


def grant_blobs(settings: MinioSettings, credentials: Credentials) -> list[str]:
    """A user with its own policy for each service, and the names of them. `settings` are those of the store's owner."""
    owner = StaticProvider(settings.access_key, settings.secret_key.get_secret_value())
    admin = MinioAdmin(endpoint=settings.endpoint, credentials=owner, region=settings.region, secure=settings.secure)
    for service in policies.READS:
        admin.policy_add(f"backdrop-{service}", policy=policies.policy(service, settings.bucket))
        admin.user_add(service, credentials.secret(service))
        admin.policy_set(f"backdrop-{service}", user=service)
    return list(policies.READS)


def grant_catalogue(owner_dsn: str, credentials: Credentials) -> None:
    """The curator's role, which owns the database of `owner_dsn` and everything in it, and may enter no other."""
    import psycopg  # here, as provisioning without a catalogue does not need it
    from psycopg import sql

    role, secret = sql.Identifier(CATALOGUE_ROLE), credentials.catalogue_secret.get_secret_value()
    with psycopg.connect(owner_dsn.replace("postgresql+psycopg", "postgresql"), autocommit=True) as owner:

        def tell(statement: str, **parts: Any) -> None:
            owner.execute(sql.SQL(statement).format(role=role, **parts))

        there = owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [CATALOGUE_ROLE]).fetchone()
        tell("ALTER ROLE {role} PASSWORD {secret}" if there else
             "CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {secret}",
             secret=sql.Literal(secret))  # fmt: skip
        tell("ALTER DATABASE {base} OWNER TO {role}", base=sql.Identifier(owner.info.dbname))
        for (table,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            tell("ALTER TABLE {table} OWNER TO {role}", table=sql.Identifier(table))
        tell("ALTER SCHEMA public OWNER TO {role}")
        tell("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
