"""What each service may do, told to the servers: users and policies of the blob store, the catalogue's own role.

Kafka has no ACLs here: its brokers of this stack listen without TLS on loopback or in the stack's own network, where a
SCRAM password would travel in the open. On a cluster, `KAFKA_SECURITY=scram` and the brokers' ACLs are the operator's.
"""

from typing import Any

from minio.credentials.providers import StaticProvider
from minio.minioadmin import MinioAdmin

from deploy import policies
from deploy.credentials import CATALOGUE_ROLE, PROJECTION_DATABASE, PROJECTION_ROLE, Credentials
from shared.runtime.settings import MinioSettings


def grant_blobs(settings: MinioSettings, credentials: Credentials) -> list[str]:
    """A user with its own policy for each service, and the names of them. `settings` are those of the store's owner."""
    owner = StaticProvider(settings.access_key, settings.secret_key.get_secret_value())
    admin = MinioAdmin(endpoint=settings.endpoint, credentials=owner, region=settings.region, secure=settings.secure)
    users = [service for service in policies.READS if credentials.secret(service)]
    for service in users:
        admin.policy_add(f"backdrop-{service}", policy=policies.policy(service, settings.bucket))
        admin.user_add(service, credentials.secret(service))
        admin.policy_set(f"backdrop-{service}", user=service)
    return users


def grant_catalogue(owner_dsn: str, credentials: Credentials) -> None:
    """The curator's role, which owns the database of `owner_dsn` and everything in it, and may enter no other."""
    _give_database(owner_dsn, CATALOGUE_ROLE, credentials.secret("catalogue"))


def grant_projection(owner_dsn: str, credentials: Credentials) -> None:
    """The gateway's database beside the one of `owner_dsn`, made when it is not there, and its role, which owns it."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(_plain(owner_dsn), autocommit=True) as owner:
        named = [PROJECTION_DATABASE]
        if owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", named).fetchone() is None:
            owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(PROJECTION_DATABASE)))
    own = f"{_plain(owner_dsn).rpartition('/')[0]}/{PROJECTION_DATABASE}"
    _give_database(own, PROJECTION_ROLE, credentials.secret("projection"))


def _give_database(owner_dsn: str, role_name: str, secret: str) -> None:
    import psycopg  # here, as provisioning without a database does not need it
    from psycopg import sql

    role = sql.Identifier(role_name)
    with psycopg.connect(_plain(owner_dsn), autocommit=True) as owner:

        def tell(statement: str, **parts: Any) -> None:
            owner.execute(sql.SQL(statement).format(role=role, **parts))

        there = owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role_name]).fetchone()
        tell(
            "ALTER ROLE {role} PASSWORD {secret}"
            if there
            else "CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {secret}",
            secret=sql.Literal(secret),
        )
        base = sql.Identifier(owner.info.dbname)
        tell("ALTER DATABASE {base} OWNER TO {role}", base=base)
        tell("REVOKE CONNECT ON DATABASE {base} FROM PUBLIC", base=base)
        for (table,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            tell("ALTER TABLE {table} OWNER TO {role}", table=sql.Identifier(table))
        tell("ALTER SCHEMA public OWNER TO {role}")
        tell("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")


def _plain(dsn: str) -> str:
    return dsn.replace("postgresql+psycopg", "postgresql")
