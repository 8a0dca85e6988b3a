"""A store of the released ledger is taken over: its readings, to the millisecond, and all that comes after."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from supervisor.store import Store, migrations, readings
from supervisor.store.readings import Batch, Posting, Sample
from supervisor.store.revision import REVISION

OLD = ((1.7e9 + 1 / 3, 20.5), (1.7e9 + 60.0004, None), (1.7e9 + 60.00041, 7.0), (1.7e9 + 120.9996, 21.0))


async def test_readings_of_the_step_before_are_read_as_they_were(database: str) -> None:
    """Seconds become milliseconds; two within one are one; what was booked by their fractions is booked anew."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "v0003")
        connection.execute(sa.text("INSERT INTO series (name) VALUES ('meter/main/energy')"))
        for at, value in OLD:
            row = {"at": at, "value": value}
            connection.execute(sa.text("INSERT INTO readings VALUES (1, :at, :value)"), row)
    engine.dispose()
    store = Store(database)
    store.open()
    assert await store.read(lambda c: list(readings.between(c, "meter/main/energy", 0, 2e9))) == [
        (1.7e9 + 0.333, 20.5), (1.7e9 + 60.0, None), (1.7e9 + 121.0, 21.0)
    ]  # fmt: skip
    booked = (OLD[0][0], OLD[3][0], 5.0, False, "")
    await store.keep_readings(Batch((Sample("x", 1.0, 1.0),), (Posting("main", (), (booked,), (), None),)))
    await store.change(lambda c: readings.unbook(c, "main", 1.7e9 + 0.333, 1.7e9 + 121.0))
    assert await store.read(lambda c: readings.booked(c, "main", 0, 2e9)) == []
    assert (
        await store.read(lambda c: c.execute(sa.text("SELECT version_num FROM alembic_version")).scalar())
        == REVISION
    )
    store.close()
