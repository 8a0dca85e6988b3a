"""What looking costs those who write: reactions with nobody at the page, and with fifty browsers and a scrape each second.

`python -m tests.bench.bench_page` runs a daemon of a thousand zones against living controllers, twice as long as `--seconds`, and prints
both side by side; then what a scrape takes, the longest step of the loop meanwhile (processor time, so that neighbours do not
count), and the octets of a first paint.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
import time
import urllib.request
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import psutil

from tests.bench import machine
from tests.bench.bench_path import Case, _get, _ms, _ready, _report, _start
from tests.bench.wired import HTTP_PORT
from tests.waiting import eventually, lives_for

CASE: Final = Case("rusty", 50, 20, 5, "10s")
"""A thousand zones, ten thousand points; those of five controllers report their changes."""
BROWSERS: Final = 50
SCRAPES: Final = 20
STEPS: Final = "steps.json"
RATIO_AIM, CPU_AIM, STEP_AIM, PAINT_AIM, NODES_AIM = 1.5, 0.100, 0.002, 100_000, 3_000


def measure(seconds: float) -> dict[str, Any]:
    """Everything, against one daemon."""
    sizes = [str(CASE.devices), str(CASE.zones), str(CASE.cov)]
    with tempfile.TemporaryDirectory() as folder:
        lively = _start("tests.bench.lively", *sizes)
        assert lively.stdout is not None
        if lively.stdout.readline() != "ready\n":
            raise RuntimeError("the controllers did not start")
        daemon = _start("tests.bench.bench_page", "--daemon", CASE.stack, *sizes, CASE.poll, folder)
        try:
            eventually(_ready, 180.0, "the daemon is ready")
            lives_for(daemon, 12.0)
            process, steps = psutil.Process(daemon.pid), Path(folder) / STEPS
            quiet = _phase(lively, process, steps, seconds, lambda: lives_for(daemon, seconds))
            first = _phase(lively, process, steps, 0.0, _first)
            busy = _phase(lively, process, steps, seconds, lambda: asyncio.run(_crowd(seconds)))
            idle = _phase(lively, process, steps, 5.0, lambda: lives_for(daemon, 5.0))
            scraped = _phase(lively, process, steps, 0.0, _scrape)
            return {
                "quiet": quiet, "first": first, "busy": busy, **_paint(), "step": scraped["step"], "what": scraped["what"],
                "scrape_cpu": (scraped["cpu"] - idle["cpu"] / idle["took"] * scraped["took"]) / SCRAPES,
            }  # fmt: skip
        finally:
            for child in (daemon, lively):
                child.terminate()
                child.wait(30)


def _phase(lively: Any, process: psutil.Process, steps: Path, seconds: float, do: Any) -> dict[str, Any]:
    """Reactions, processor seconds and the longest step of what is done meanwhile."""
    _report(lively)
    first, before, start = time.time(), process.cpu_times(), time.monotonic()
    do()
    after, took = process.cpu_times(), time.monotonic() - start
    lately = (
        [(s, what) for at, s, what in json.loads(steps.read_text()) if at > first] if steps.exists() else []
    )
    step, what = max(lately, default=(float("nan"), ""))
    cpu = after.user + after.system - before.user - before.system
    return {"cpu": cpu, "took": took, "step": step, "what": what, **_report(lively)}


def _first() -> None:
    """The first look since the start: what it loads stays."""
    _get("/?lang=zh")
    time.sleep(1.1)  # the daemon writes its steps down once a second


def _scrape() -> None:
    for _ in range(SCRAPES):
        _get("/metrics")
        time.sleep(0.2)  # a Prometheus asks now and then: without pauses this would measure a flood
    time.sleep(1.1)  # the daemon writes its steps down once a second


async def _crowd(seconds: float) -> None:
    """Fifty browsers with the page open, each on a floor of its own choice, and a scrape each second."""
    end = time.monotonic() + seconds
    refused: list[str] = []
    readers = [asyncio.create_task(_browser(end, refused)) for _ in range(BROWSERS)]
    while time.monotonic() < end:
        await asyncio.gather(asyncio.to_thread(_get, "/metrics"), asyncio.sleep(1.0))
    await asyncio.gather(*readers)
    if refused:
        raise RuntimeError(f"{len(refused)} of {BROWSERS} browsers were turned away: {refused[0]}")


async def _browser(end: float, refused: list[str]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", HTTP_PORT)
    writer.write(b"GET /live?lang=zh&floor= HTTP/1.1\r\nHost: localhost\r\n\r\n")
    status = await reader.readline()
    if b" 200 " not in status:
        refused.append(status.decode())
    while time.monotonic() < end:
        try:
            async with asyncio.timeout(1.0):
                if not await reader.read(65_536):
                    break
        except TimeoutError:
            continue
    writer.close()


class _Count(HTMLParser):
    """Elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.nodes += 1


def _paint() -> dict[str, int]:
    """Octets of the first page and of all that it asks for; its elements."""
    html = _get("/?lang=zh")
    parts = re.findall(r'(?:href|src)="(static/[^"]+)"', html)
    counted = _Count()
    counted.feed(html)
    first = _octets("/?lang=zh")
    return {
        "html": first,
        "paint": first + sum(_octets(f"/{part}") for part in parts),
        "nodes": counted.nodes,
    }


def _octets(path: str) -> int:
    """Of an answer's body, as a browser asks for it."""
    asked = urllib.request.Request(f"http://127.0.0.1:{HTTP_PORT}{path}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return len(answer.read())


def _table(found: dict[str, Any]) -> str:
    rows, p99 = [], {}
    for name in ("quiet", "busy"):
        of = found[name]
        took = sorted(of["reactions"])
        p99[name] = took[min(len(took) - 1, int(len(took) * 0.99))] if took else float("nan")
        who = "nobody looks" if name == "quiet" else f"{BROWSERS} browsers, a scrape each second"
        rows.append(
            f"| {who} | {_ms(took, 0.5)} | {_ms(took, 0.99)} | {len(took)} | {of['cpu'] / of['took']:.0%} | {of['step'] * 1e3:.1f} |"
        )
    ratio = p99["busy"] / p99["quiet"]
    aims = (
        ("p99 with / without", f"{ratio:.2f}", f"≤ {RATIO_AIM}", ratio <= RATIO_AIM),
        ("a scrape, processor time", f"{found['scrape_cpu'] * 1e3:.0f} ms", f"< {CPU_AIM * 1e3:.0f} ms", found["scrape_cpu"] < CPU_AIM),
        ("longest step while scraped", f"{found['step'] * 1e3:.1f} ms", f"≤ {STEP_AIM * 1e3:.0f} ms", found["step"] <= STEP_AIM),
        ("first paint, all files", f"{found['paint'] / 1e3:.0f} kB (page {found['html'] / 1e3:.0f})", "< 100 kB", found["paint"] < PAINT_AIM),
        ("elements of it", f"{found['nodes']:,}", "< 3,000", found["nodes"] < NODES_AIM),
    )  # fmt: skip
    head = [
        "| | reaction p50 ms | p99 ms | of | CPU of a core | longest step ms |",
        "|---|---|---|---|---|---|",
    ]
    told = [f"| {what} | {is_} | {aim} | {'met' if met else 'NOT met'} |" for what, is_, aim, met in aims]
    told.append(
        f"\nThe longest step of the first look: {found['first']['step'] * 1e3:.1f} ms, {found['first']['what']}; while nobody looked: {found['quiet']['what']}; while fifty did: {found['busy']['what']}; while scraped: {found['what']}"
    )
    return "\n".join([*head, *rows, "", "| 1,000 zones | measured | aim | |", "|---|---|---|---|", *told])


def _named(handle: asyncio.Handle) -> str:
    """What a step belongs to: a task's name and where it waits, or a function."""
    callback = handle._callback  # type: ignore[attr-defined] # for a benchmark's eyes
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        return f"{task.get_name()} {getattr(task.get_coro(), '__qualname__', '')}"
    return str(getattr(callback, "__qualname__", callback))


def _daemon(stack: str, devices: int, zones: int, cov: int, poll: str, folder: str) -> None:
    """The same daemon as of `bench_path`, which notes how long the steps of its loop take."""
    from tests.bench import bench_path

    longest: list[tuple[float, str]] = [(0.0, "")]
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        if (took := time.thread_time() - began) > longest[0][0]:
            longest[0] = took, _named(handle)

    asyncio.Handle._run = timed  # type: ignore[method-assign,assignment] # this process is for nothing else

    def note() -> None:
        noted: list[tuple[float, float, str]] = []
        while True:
            time.sleep(1.0)  # a thread of its own: the loop has nothing to do with it
            noted.append((time.time(), *longest[0]))
            longest[0] = 0.0, ""
            whole = Path(folder) / f"{STEPS}.new"
            whole.write_text(json.dumps(noted))
            whole.replace(Path(folder) / STEPS)

    import threading

    threading.Thread(target=note, daemon=True).start()
    bench_path._daemon(stack, devices, zones, cov, poll, folder)


def main() -> None:
    """Run one daemon, or everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--daemon", nargs=6)
    parser.add_argument("--seconds", type=float, default=40.0)
    options = parser.parse_args()
    if options.daemon:
        stack, devices, zones, cov, poll, folder = options.daemon
        _daemon(stack, int(devices), int(zones), int(cov), poll, folder)
        return
    print(f"{_table(measure(options.seconds))}\n\n{machine.described()}")


if __name__ == "__main__":
    main()
