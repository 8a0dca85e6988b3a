"""What Alembic runs: the steps on the connection that it was given, in the transaction that is open there."""

from __future__ import annotations

from alembic import context

from supervisor.store import days, hours, months, readings, recording, schema

assert recording.recordings.metadata is schema.metadata  # its table is one of ours
assert readings.readings.metadata is hours.hours.metadata is months.months.metadata is schema.metadata
assert days.zone_days.metadata is schema.metadata
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
)
context.run_migrations()
