"""Many gateways write to one PostgreSQL: the tables of each stand in a schema of its own, and none sees another's.

A schema is `gw_` and the gateway's name: what `?gateway=` in the address says, else the building. An address without a
gateway means the tables where they always stood, as does an SQLite file, of which every gateway has its own.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

import sqlalchemy as sa

from supervisor.store import schema
from supervisor.store.problems import make_url

_ASKED: Final = "gateway"
_LONGEST: Final = 63
"""Octets of a name in PostgreSQL; it cuts longer ones off, and two gateways would be one."""
_PATIENCE: Final = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""libpq's (s, and ms in the last): behind a dead line nothing is heard of a server, and the system waits for a quarter of an hour
before it says so. A site choice."""
_EARLIER: Final = "public"
"""Where the tables stood while a database had one gateway."""
_OF_ALEMBIC: Final = ("alembic_version", "schema_version")
_BUILDING: Final = re.compile(r"""^building:\s*["']?([\w-]+)""", re.MULTILINE)


def address(url: str, building: str) -> str:
    """A database's address with the gateway that writes there; the building, unless it names one. Raises StoreProblem."""
    if "://" not in url:
        return url
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql" or _ASKED in parsed.query:
        return url
    return parsed.update_query_dict({_ASKED: building}).render_as_string(hide_password=False)


def split(url: sa.URL) -> tuple[sa.URL, str | None]:
    """An address without its gateway, and the schema of that; None where it names none."""
    if _ASKED not in url.query:
        return url, None
    return url.difference_update_query([_ASKED]), schema_of(",".join(url.normalized_query[_ASKED]))


def schema_of(gateway: str) -> str:
    """The schema in which a gateway's tables stand."""
    name = f"gw_{gateway}"
    return name if len(name.encode()) <= _LONGEST else f"gw_{hashlib.sha256(name.encode()).hexdigest()[:40]}"


def there(connection: sa.Connection) -> list[str]:
    """The schemas of the gateways that write to a database, by name."""
    found = sa.text(
        "SELECT n.nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid"
        " WHERE n.nspname LIKE 'gw\\_%' AND c.relname = 'bookings' ORDER BY n.nspname"
    )
    return [str(name) for name in connection.execute(found).scalars()]


def patience(url: sa.URL) -> dict[str, int]:
    """How long a server is waited for, in libpq's words, where the address does not say it."""
    return {key: value for key, value in _PATIENCE.items() if key not in url.query}


def enter(engine: sa.Engine, name: str) -> None:
    """Let each connection of an engine stand in a schema, made where there is none."""
    quoted = '"' + name.replace('"', '""') + '"'

    def connected(connection: Any, _record: Any) -> None:
        before, connection.autocommit = connection.autocommit, True
        with connection.cursor() as cursor:
            # not by IF NOT EXISTS alone: that asks for the right to make schemas although there is nothing to make
            cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (name,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted}")
            cursor.execute(f"SET search_path TO {quoted}")
        connection.autocommit = before

    sa.event.listen(engine, "connect", connected, insert=True)  # before SQLAlchemy asks where it stands


def take_over(connection: sa.Connection) -> None:
    """Move the tables of a database that had one gateway until now, with all that is in them, into its schema.

    Whose they are is told by the site file that was taken up last; without one they are whoever's comes first.
    """
    if connection.dialect.name != "postgresql":
        return
    here = connection.execute(sa.text("SELECT current_schema()")).scalar()
    inspector = sa.inspect(connection)
    earlier = set(inspector.get_table_names(_EARLIER))
    if here in (None, _EARLIER) or inspector.get_table_names(here) or "intents" not in earlier:
        return
    theirs = schema.config_versions.to_metadata(sa.MetaData(), schema=_EARLIER)
    newest = sa.select(theirs.c.text).order_by(theirs.c.ts.desc()).limit(1)
    building = _BUILDING.search(connection.execute(newest).scalar() or "")
    if building is not None and schema_of(building[1]) != here:
        return
    quote = connection.dialect.identifier_preparer.quote
    for table in sorted(earlier & {*schema.metadata.tables, *_OF_ALEMBIC}):
        connection.execute(sa.text(f"ALTER TABLE {_EARLIER}.{quote(table)} SET SCHEMA {quote(here)}"))
