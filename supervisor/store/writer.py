"""The one thread that writes to the database, and the queue in front of it."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from supervisor.store import audit, days, gateways, months, queries, readings, recording, schema
from supervisor.store import operations as op
from supervisor.store.audit import HEAD, Chain
from supervisor.store.problems import StoreProblem, explain, make_url
from supervisor.store.recording import RecordRow
from supervisor.store.revision import prepare
from supervisor.store.rows import IntentRow, Kept, NoticeRow, Result, ResultRow, SlotKey, SlotRow
from supervisor.store.wal import BUSY_MS, LINGER, Wal, pragmas

T = TypeVar("T")
Operation = Callable[[sa.Connection, Chain], Any]
COMMIT_WITHIN: Final = 10.0
"""Seconds after which a commit counts as failed: a site choice, longer than SQLite's busy time-out."""
_BATCH: Final = 500
_PROBE: Final = "probe"
_ROOM: Final = "-" * 16384
"""Some pages: on a full disk what fits into a page that is there already is still taken, and proves nothing."""


class _Job(NamedTuple):
    operation: Operation
    future: Future[Any]
    durable: bool
    """Whoever gave it waits until it would outlive a power cut."""


class _Known:
    """Wakes whoever waits on the loop for what the writer's thread did. A waiter that is cancelled stops nothing there."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.waiter: asyncio.Future[None] = loop.create_future()

    def tell(self, _: Future[Any]) -> None:
        """It is done, said in whichever thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if not self.waiter.done():
            self.waiter.set_result(None)


class Store:
    """Rows go in through one writer thread, in the order they were given, many to a transaction: what several devices
    want in one turn shares a commit. What nobody waits for is durable a second later, or with the next row that somebody
    waits for.

    With `inline=True` there is no thread: each call writes before it returns (for the simulated clock).
    Everything raises StoreProblem, which says in plain words what is wrong with the database.
    """

    def __init__(
        self, url: str, *, inline: bool = False, queue_size: int = 10_000, folder: Path | None = None
    ) -> None:
        self.url, self._gateway = gateways.split(make_url(url))
        self.months = months.Months(folder) if folder is not None else months.beside(self.url)
        """Where months of readings are that have moved to files; None: nowhere."""
        self.inline = inline
        self.dropped = 0
        """Rows without a waiter (notices, counters, memory) that a full queue turned away."""
        self.problem: StoreProblem | None = None
        """Why rows are not taken: of the last that was refused, until a probe is taken again. A row that fits into a page
        which is there already is taken now and then on a full disk: that ends nothing."""
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._room = queue_size
        self._thread: threading.Thread | None = None
        self._engine = self._make_engine()
        file = self.url.get_backend_name() == "sqlite" and self.url.database not in (None, "", ":memory:")
        self._wal = Wal(self._engine) if file and not inline else None
        self._connection: sa.Connection | None = None
        self._chain = Chain()
        self.head = self._chain.head
        """The head of the audit, as it was committed last."""

    def _make_engine(self) -> sa.Engine:
        known = months.option(self.months)
        if self.url.get_backend_name() != "sqlite":
            patience = gateways.patience(self.url)
            server = sa.create_engine(
                self.url, pool_pre_ping=True, connect_args=patience, execution_options=known
            )
            if self._gateway is not None:
                gateways.enter(server, self._gateway)
            return server
        engine = sa.create_engine(
            self.url,
            connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
            execution_options=known,
            **({"poolclass": sa.StaticPool} if self.url.database in (None, "", ":memory:") else {}),
        )
        sa.event.listen(engine, "connect", pragmas)
        return engine

    # ------------------------------------------------------------------ life

    def open(self) -> None:
        """Connect, create what is missing, start the thread. Raises StoreProblem."""
        if self._connection is not None:
            return
        try:
            self._connection = self._engine.connect()
            with self._connection.begin():
                prepare(self._connection)
                self._chain.load(self._connection)
            self.head = self._chain.head
        except SQLAlchemyError as error:
            self._disconnect()
            raise explain(error, self.url) from error
        except StoreProblem:
            self._disconnect()
            raise
        if not self.inline:
            self._thread = threading.Thread(target=self._run, name="store", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Write what is queued, stop the thread, let go of the file. Never raises for a broken database."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(COMMIT_WITHIN)
            self._thread = None
        self._disconnect()

    def _disconnect(self) -> None:
        if self._wal is not None:
            self._wal.close()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._engine.dispose()

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        while True:
            first = self._next()
            batch: list[_Job] = []
            while first is not None:
                batch.append(first)
                if len(batch) >= _BATCH:
                    break
                try:
                    first = self._queue.get_nowait()
                except queue.Empty:
                    break
            self._write(batch)
            if first is None:
                return

    def _next(self) -> _Job | None:
        """The next job; what was written without a flush meanwhile is flushed where none comes for a while."""
        if self._wal is not None and self._wal.unflushed:
            try:
                return self._queue.get(timeout=LINGER)
            except queue.Empty:
                self._wal.flush()
        return self._queue.get()

    def _write(self, batch: list[_Job]) -> None:
        """One transaction for the batch; if it fails, one each, so that a bad row fails alone."""
        try:
            if self._wal is not None and self._connection is not None:
                self._wal.before(self._connection, durable=any(job.durable for job in batch))
            answers = self._transact([job.operation for job in batch])
        except SQLAlchemyError as error:
            if len(batch) == 1:
                batch[0].future.set_exception(self._refused(explain(error, self.url)))
                return
            for job in batch:
                self._write([job])
            return
        except Exception as error:
            # A defect in one operation must reach its caller and not end the thread for everybody.
            if len(batch) == 1:
                batch[0].future.set_exception(error)
                return
            for job in batch:
                self._write([job])
            return
        for job, answer in zip(batch, answers, strict=True):
            job.future.set_result(answer)

    def _refused(self, problem: StoreProblem) -> StoreProblem:
        self.problem = problem
        return problem

    def _transact(self, operations: list[Operation]) -> list[Any]:
        connection = self._connection
        if connection is None:
            raise StoreProblem("the store is closed")
        try:
            with connection.begin():
                self._chain.begin(connection)
                answers = [operation(connection, self._chain) for operation in operations]
                if (moved := self._chain.moved()) is not None:
                    op.upsert(connection, schema.kv, {"key": HEAD, "value": moved.kept()})
            if self._wal is not None:
                self._wal.committed()
            self.head = self._chain.head
            return answers
        except BaseException:
            self._chain.stale = True
            raise

    # ------------------------------------------------------------------ giving work

    def _give(self, operation: Operation, *, durable: bool = True) -> Future[Any]:
        future: Future[Any] = Future()
        job = _Job(operation, future, durable)
        if self.inline:
            self._write([job])
            return future
        if self._thread is None or not self._thread.is_alive():
            future.set_exception(StoreProblem("the store is closed"))
            return future
        if self._queue.qsize() >= self._room:
            slow = StoreProblem(
                "the database cannot keep up", "Is its disk slow, or held by another program?"
            )
            future.set_exception(self._refused(slow))
        else:
            self._queue.put(job)
        return future

    async def _committed(self, operation: Operation, *, durable: bool = True) -> Any:
        future = self._give(operation, durable=durable)
        if future.done():
            return future.result()
        # a waiter of our own, not asyncio.wrap_future in a shield: that takes two more turns of the loop
        known = _Known(asyncio.get_running_loop())
        future.add_done_callback(known.tell)
        try:
            # not asyncio.wait_for: it loses a cancellation that comes together with the commit
            async with asyncio.timeout(COMMIT_WITHIN):
                await known.waiter
        except TimeoutError:
            slow = f"the database took longer than {COMMIT_WITHIN:.0f} s"
            raise self._refused(StoreProblem(slow, "Is its disk slow or failing?")) from None
        return future.result()

    def _later(self, operation: Operation) -> None:
        future = self._give(operation, durable=False)
        future.add_done_callback(self._note_lost)

    def _note_lost(self, future: Future[Any]) -> None:
        if future.exception() is not None:
            self.dropped += 1

    # ------------------------------------------------------------------ rows of the gateway

    async def commit_intent(self, intent: IntentRow, slot: SlotRow | None = None) -> int:
        """Commit an intent, and the journal row of the slot it takes; its id, once both are durable."""
        return int(await self._committed(lambda c, chain: audit.add_intent(c, chain, intent, slot)))

    async def commit_result(
        self, result: ResultRow, *, slot: SlotRow | None = None, drop: SlotKey | None = None
    ) -> None:
        """Commit what came of an intent, and with it the journal: `slot` is put, `drop` is forgotten."""
        await self._committed(lambda c, chain: audit.add_result(c, chain, result, slot, drop))

    async def commit_unsent(self, intent: IntentRow, result: Result, detail: str = "") -> int:
        """Commit an intent that will never be sent (dry run, refused, expired) together with its result."""

        def add(connection: sa.Connection, chain: Chain) -> int:
            key = audit.add_intent(connection, chain, intent, None)
            audit.add_result(connection, chain, ResultRow(key, intent.ts, result, None, detail), None, None)
            return key

        return int(await self._committed(add))

    async def put_slot(self, slot: SlotRow) -> None:
        """Journal a slot that is found to be ours."""
        await self._committed(lambda c, _: audit.put_slot(c, slot))

    async def drop_slot(self, key: SlotKey) -> None:
        """Forget a slot that is no longer ours."""
        await self._committed(lambda c, _: audit.drop_slot(c, key))

    # ------------------------------------------------------------------ rows nobody waits for

    def notice(self, row: NoticeRow) -> None:
        """Keep something a person should know."""
        self._later(lambda c, _: op.add_notice(c, row))

    async def forget_notices(self, before: float) -> None:
        """Remove the notices before a site instant."""
        await self._committed(lambda c, _: op.forget_notices(c, before))

    def put_memory(self, zone: str, body: Mapping[str, Any]) -> None:
        """Keep a zone's memory, in place of what was kept before."""
        self._later(lambda c, _: op.upsert(c, schema.memory, {"zone": zone, "body": dict(body)}))

    def put_config(self, config_hash: str, text: str, ts: float) -> None:
        """Keep a site file under its hash, so that a decision can be replayed exactly."""
        row = {"hash": config_hash, "text": text, "ts": ts}
        self._later(lambda c, _: op.upsert(c, schema.config_versions, row))

    def put_counters(self, values: Mapping[tuple[str, str], float]) -> None:
        """Keep counters by (metric, labels as sorted JSON), so that a restart does not reset them."""
        rows = [{"metric": m, "labels": labels, "value": v} for (m, labels), v in values.items()]
        self._later(lambda c, _: op.upsert_all(c, schema.counters, rows))

    def put_days(self, values: Mapping[tuple[str, str, str, str], float]) -> None:
        """Keep figures of zones' days by (day, zone, kind, what), in place of what was kept of them before."""
        self._later(lambda c, _: days.put(c, values))

    def put_recording(self, rows: Sequence[RecordRow], before: float) -> None:
        """Keep steps of the decider, and forget those before a site instant."""
        self._later(lambda c, _: recording.add(c, rows, before))

    async def keep_readings(self, batch: readings.Batch) -> None:
        """Keep readings, and what was booked of them. Durable when it returns; keeping it twice is keeping it once."""
        await self._committed(lambda c, _: readings.keep(c, batch))

    async def change(self, change: Callable[[sa.Connection], T]) -> T:
        """Make a change in one transaction: all of it is durable when it returns, or nothing was done."""
        changed: T = await self._committed(lambda connection, _: change(connection))
        return changed

    def put_kv(self, key: str, value: Any) -> None:
        """Keep a JSON value under a key."""
        self._later(lambda c, _: op.upsert(c, schema.kv, {"key": key, "value": value}))

    # ------------------------------------------------------------------ whether it takes rows

    async def probe(self) -> None:
        """See whether rows are taken, by one of some pages. Raises StoreProblem, and `problem` says it too."""

        def put(connection: sa.Connection, _chain: Chain) -> None:
            for value in (_ROOM, ""):
                op.upsert(connection, schema.kv, {"key": _PROBE, "value": value})

        await self._committed(put)
        self.problem = None

    # ------------------------------------------------------------------ reading

    async def kept(self, since_wall: float) -> Kept:
        """What an earlier run left behind; `queries.kept` says what `since_wall` means."""
        return await self.read(lambda connection: queries.kept(connection, since_wall))

    async def flush(self) -> None:
        """Return once everything given before is durable."""
        await self._committed(lambda _c, _chain: None)

    async def written(self) -> None:
        """Return once everything given before is written; a power cut may still undo it."""
        await self._committed(lambda _c, _chain: None, durable=False)

    async def read(self, query: Callable[[sa.Connection], T]) -> T:
        """Run a query of `supervisor.store.queries` after everything given before is written."""
        await self.written()
        if self.inline:
            return self.read_now(query)
        return await asyncio.to_thread(self.read_now, query)

    def read_now(self, query: Callable[[sa.Connection], T]) -> T:
        """Run a query in the calling thread, on a connection of its own."""
        try:
            if self._connection is not None and self.inline:
                with self._connection.begin():
                    return query(self._connection)
            with self._engine.connect() as connection:
                return query(connection)
        except SQLAlchemyError as error:
            raise explain(error, self.url) from error
