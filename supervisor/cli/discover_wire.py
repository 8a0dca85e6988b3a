"""`discover` on the wire: who answers, what they have, told every two seconds, kept as it comes."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from config.phrase import Lang, Phrase
from config.values import DEFAULT_PORT
from drivers.protocol import Met, SurveyReader
from supervisor.cli.common import aloud, fail, misused
from supervisor.cli.language import spoken

if TYPE_CHECKING:
    from config.site import Site
    from supervisor.field.survey.objects import Survey
    from supervisor.field.survey.walk import Walk

_RANGE: Final = re.compile(r"(\d+\.\d+\.\d+\.)(\d+)-(\d+)(:\d+)?")
_HOST: Final = re.compile(r"(\d{1,3}\.){3}\d{1,3}")
MOST: Final = 1_024
"""Addresses that are asked one by one."""
ASKED_AT_ONCE: Final = 32


class Ask(NamedTuple):
    """Where and how to look. `at`: addresses that get a Who-Is of their own, none for a broadcast to all networks."""

    bind: str | None
    port: int
    instance: int
    at: Sequence[str]
    limits: tuple[int, int] | None
    bbmd: str | None
    wait: float
    fresh: bool = False
    """Begin anew, whatever an earlier run left behind."""


def limits_of(text: str | None) -> tuple[int, int] | None:
    """`1000-1999` as two numbers; exit 2 for anything else."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,7})-(\d{1,7})", text.strip())
    if found is None or not int(found[1]) <= int(found[2]) <= 4_194_302:
        misused(Phrase(f"--instances {text}: write it as 1000-1999", f"--instances {text}：写法如 1000-1999"))
    return int(found[1]), int(found[2])


def bbmd_of(text: str | None) -> str | None:
    """`10.1.9.5:47808`, its port the usual one where none is said; exit 2 for anything else."""
    if text is None:
        return None
    if re.fullmatch(r"(\d{1,3}\.){3}\d{1,3}(:\d{1,5})?", text.strip()) is None:
        misused(
            Phrase(
                f"--bbmd {text}: write it as 10.1.9.5 or 10.1.9.5:47808",
                f"--bbmd {text}：写法如 10.1.9.5 或 10.1.9.5:47808",
            )
        )
    return text.strip() if ":" in text else f"{text.strip()}:{DEFAULT_PORT}"


def addresses(given: Sequence[str], site: Site | None = None) -> list[str]:
    """Addresses, ranges of them (`10.1.2.11-50:47808`) spelt out; exit 2 for too many.

    A host without a port is asked where the site file has devices of it, else at BACnet's own port, whatever ours is.
    """
    found: list[str] = []
    for text in (part.strip() for each in given for part in each.split(",")):
        span = _RANGE.fullmatch(text)
        if span is None:
            found += [text] if text else []
            continue
        low, high = int(span[2]), int(span[3])
        if not low <= high <= 255:
            misused(
                Phrase(
                    f"--at {text}: the range is from low to high, to 255",
                    f"--at {text}：范围须由小到大，最大 255",
                )
            )
        found += [f"{span[1]}{n}{span[4] or ''}" for n in range(low, high + 1)]
    if len(found) > MOST:
        misused(
            Phrase(
                f"--at names {len(found)} addresses, more than {MOST}",
                f"--at 共 {len(found)} 个地址，超过 {MOST}",
            )
        )
    there: dict[str, list[str]] = {}
    for device in site.devices.values() if site is not None else ():
        if device.address is not None and (host := _HOST.match(device.address)) is not None:
            there.setdefault(host[0], []).append(device.address)
    return [
        place
        for address in found
        for place in (
            there.get(address, [f"{address}:{DEFAULT_PORT}"]) if _HOST.fullmatch(address) else [address]
        )
    ]


def survey(ask: Ask, output: Path, lang: Lang) -> Survey:
    """What is there; goes on from what an earlier run that was stopped has kept beside `output`."""
    return asyncio.run(_survey(ask, output, lang))


async def _survey(ask: Ask, output: Path, lang: Lang) -> Survey:
    from supervisor.daemon.assemble import make_surveyor
    from supervisor.daemon.logs import configure

    configure(quiet=True, lang=spoken, person=True)
    bind = bound(ask)
    reader = make_surveyor(bind, ask.port, ask.instance, ask.bbmd)
    await reader.start()
    try:
        met = await _met(reader, ask)
        if not met:
            _nobody(f"{bind.partition('/')[0]}:{ask.port}", ask)
        aloud(Phrase(f"{len(met)} devices said I-Am", f"{len(met)} 台控制器已应答").told(lang))
        return await _walked(reader, met, output, lang, fresh=ask.fresh)
    finally:
        await reader.stop()


def _nobody(ours: str, ask: Ask) -> NoReturn:
    """Says where was asked, and what else may be tried."""
    named = f"{', '.join(ask.at[:3])}{', …' if len(ask.at) > 3 else ''}"
    to = Phrase(f" to {named}", f" 向 {named} ") if ask.at else Phrase("", "")
    said = Phrase(f"nobody answered a Who-Is from {ours}{to.en}", f"从 {ours}{to.zh}发出的 Who-Is 无人应答")
    if any(at.startswith("127.") and at.endswith(f":{ask.port}") for at in ask.at):
        hint = Phrase(
            f"on loopback their port must not be ours: --port {ask.port + 1}",
            f"回环地址上，对方端口不能与本机相同：--port {ask.port + 1}",
        )
    elif ask.at:
        hint = Phrase(
            "a device at another port: --at HOST:PORT; one that answers slowly: --wait 10",
            "端口不同的控制器请写 --at 主机:端口，应答慢请用 --wait 10",
        )
    else:
        hint = Phrase(
            "try --at ADDRESS for devices that broadcasts do not reach, --bbmd HOST for another subnet, --wait 10",
            "广播到不了的控制器请用 --at 地址，跨网段请用 --bbmd，应答慢请用 --wait 10",
        )
    fail(said, hint)


def bound(ask: Ask) -> str:
    """The address to ask from: the one named, else the one that the devices are routed to, else the only one that there is."""
    from drivers.care.bind import choose, listed, local
    from drivers.protocol import Misconfigured

    try:
        return choose(ask.bind, ask.at, "discover")
    except Misconfigured:
        ours = [str(address) for _, address in local() if not address.is_loopback]
        if len(ours) == 1 and not ask.at:
            return ours[0]
        fail(
            Phrase(
                "cannot tell which of this machine's addresses faces the controllers",
                "无法判断本机哪个地址面向控制器",
            ),
            Phrase(f"name it with --bind: {listed()}", f"请用 --bind 指定：{listed()}"),
        )


async def _met(reader: SurveyReader, ask: Ask) -> list[Met]:
    """Each device once, by its instance."""
    turns = asyncio.Semaphore(ASKED_AT_ONCE)

    async def one(at: str | None) -> list[Met]:
        async with turns:
            found = await reader.who_is_there(at, ask.limits, ask.wait)
            return found or (await reader.who_is_there(at, ask.limits, ask.wait) if at is not None else [])

    targets: list[str | None] = [*ask.at] or [None]
    answers = await asyncio.gather(*(one(at) for at in targets))
    by_instance: dict[int, Met] = {}
    for met in (met for part in answers for met in part):
        by_instance.setdefault(met.instance, met)
    return [by_instance[instance] for instance in sorted(by_instance)]


async def _walked(
    reader: SurveyReader, met: Sequence[Met], output: Path, lang: Lang, *, fresh: bool
) -> Survey:
    from supervisor.field.survey.memory import beside, recall, remember
    from supervisor.field.survey.objects import Survey
    from supervisor.field.survey.walk import Walk, telling

    memory = recall(beside(output))
    half = Survey() if fresh else memory.going_on(time.time())
    if half.things:
        said = Phrase(
            f"going on: {len(half.things)} objects were read before (--fresh reads all again)",
            f"继续上次：此前已读取 {len(half.things)} 个对象（--fresh 全部重读）",
        )
        aloud(said.told(lang))
    walk = Walk(reader, half)

    def keep(walk: Walk) -> None:
        memory.half, memory.at = walk.survey, time.time()
        remember(beside(output), memory)

    began = time.monotonic()
    beat = asyncio.create_task(
        telling(
            walk,
            lambda walk: aloud(_progress(walk, len(met), time.monotonic() - began).told(lang)),
            keep,
        )
    )
    try:
        await walk.all(met)
    finally:
        beat.cancel()
        await asyncio.gather(beat, return_exceptions=True)
        keep(walk)
    for device in walk.survey.devices.values():
        if device.said:
            aloud(_why(device.instance, device.address, device.said).told(lang))
    return walk.survey


def _progress(walk: Walk, devices: int, seconds: float) -> Phrase:
    slow = ", ".join(f"{device} {so_far}" for device, so_far in list(walk.doing.items())[:4])
    done, things = devices - walk.left, len(walk.survey.things)
    return Phrase(
        f"{seconds:4.0f} s  {done}/{devices} devices, {things} objects" + (f"  ({slow})" if slow else ""),
        f"{seconds:4.0f} 秒  {done}/{devices} 台控制器，{things} 个对象" + (f"（{slow}）" if slow else ""),
    )


def _why(instance: int, address: str, said: str) -> Phrase:
    from drivers.refused import in_both

    both = in_both(said)
    return Phrase(
        f"device {instance} at {address} was not read whole: {both.en}; run it again to go on",
        f"控制器 {instance}（{address}）未读完：{both.zh}；再次运行可继续",
    )
