"""`discover`: an existing building's devices, or an EDE file, into a site file to begin with."""

from __future__ import annotations

import difflib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.phrase import Lang, Phrase
from config.reading import FileRefused, read_at_most
from config.visible import visible
from supervisor.cli.common import (
    OWN_INSTANCE,
    ForeignAt,
    OwnInstance,
    fail,
    misused,
    plain_errors,
    show_problems,
)
from supervisor.cli.language import spoken

if TYPE_CHECKING:
    from config.site import Site
    from supervisor.field.survey.memory import Memory
    from supervisor.field.survey.objects import Survey
    from supervisor.field.survey.starter import Written


def discover(
    ede: Annotated[
        Path | None,
        typer.Option(
            "--ede",
            metavar="FILE.csv",
            help="An EDE file (layouts 2.x), or a list like it, instead of the network · 读取 EDE 文件（2.x）或类似点表，不访问网络",
        ),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="SITE.yaml",
            help="The site file: made, or what is new put into it · 站点文件：新建，或加入新增内容",
        ),
    ] = Path("site.yaml"),
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at",
            metavar="ADDRESS",
            help="Ask these, rather than everybody: 10.1.2.11, 10.1.2.11-50, 2001:12; repeat it for more · 只问这些地址，不广播；可重复",
        ),
    ] = None,
    instances: Annotated[
        str | None,
        typer.Option(
            "--instances",
            metavar="LOW-HIGH",
            help="Only devices with these instances: 1000-1999 · 只查这些实例号的控制器",
        ),
    ] = None,
    bind: Annotated[
        str | None,
        typer.Option(
            "--bind",
            metavar="ADDRESS",
            help="This machine's address towards the controllers, with /bits where its mask is not 24 · 本机面向控制器的地址，掩码不是 24 位时加 /位数",
        ),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="Our UDP port · 本机 UDP 端口")
    ] = 47808,
    instance: OwnInstance = OWN_INSTANCE,
    bbmd: ForeignAt = None,
    wait: Annotated[
        float,
        typer.Option(
            "--wait", min=0.2, max=120, help="Seconds that devices have to say I-Am · 等待应答的秒数"
        ),
    ] = 5.0,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh",
            help="Read everything again, also what a run that was stopped has read · 全部重读，包括中断前已读的",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and write nothing · 只显示改动，不写入")
    ] = False,
) -> None:
    """Who is there, with which objects, and what each may be for: a site file in dry run that writes nothing. · 查明有哪些控制器和对象、各自可能的用途：生成试运行且只读的站点文件

    Roles are guessed from names, descriptions, units and types together, or not at all. A second run puts in only what is new
    and shows the difference; what was written by hand stays. On the wire it only reads, says every two seconds how far it is, and goes
    on where it was stopped. · 角色由名称、说明、单位和类型共同推测，把握不足则不定；再次运行只加入新增内容并显示差别，手工改动不变；在网络上只读不写，每两秒报告进度，中断后可继续

    Example: building-supervisor discover -o tower.yaml
    Example: building-supervisor discover --at 10.1.2.11-50 -o tower.yaml
    Example: building-supervisor discover --ede points.csv -o tower.yaml
    """  # fmt: skip
    lang = spoken()
    if ede is not None and (at or instances or bind or bbmd):
        misused(
            Phrase(
                "--ede reads a file: --at, --instances, --bind and --bbmd go without it",
                "--ede 读取文件，不能与 --at、--instances、--bind、--bbmd 同用",
            )
        )
    with plain_errors():
        if ede is not None:
            found = _from_ede(ede, lang)
        else:
            from supervisor.cli.discover_wire import Ask, addresses, bbmd_of, limits_of, survey

            places = addresses(at or [], _fine(output))
            ask = Ask(bind, port, instance, places, limits_of(instances), bbmd_of(bbmd), wait, fresh)
            found = survey(ask, output, lang)
        _write(output, found, lang, dry_run=dry_run)


def _fine(path: Path) -> Site | None:
    """The site where there is one already; a file that does not load is told before minutes are spent on the wire."""
    from supervisor.sitefile.sitefile import load

    if not path.exists():
        return None
    loaded = load(path)
    if loaded.site is None:
        show_problems(loaded.problems, loaded.text)
        raise typer.Exit(1)
    return loaded.site


def _from_ede(path: Path, lang: Lang) -> Survey:
    from supervisor.field.pointlist.table import MAX_BYTES
    from supervisor.field.survey.ede import read

    try:
        data = read_at_most(path, MAX_BYTES)
    except FileRefused as error:
        fail(Phrase(f"{path}: {error.said.en}", f"{path}：{error.said.zh}"))
    texts = _state_texts(path)
    found = read(data, texts.read_bytes() if texts is not None else None)
    for slip in found.slips[:50]:
        kind = (Phrase("warning", "警告") if slip.warning else Phrase("error", "错误")).told(lang)
        colon = Phrase(": ", "：").told(lang)
        sys.stderr.write(f"{path}:{slip.line}: {kind}{colon}{visible(slip.said.told(lang))}\n")
    if bad := sum(not slip.warning for slip in found.slips):
        said = Phrase(f"{bad} problems; nothing was written", f"{bad} 个问题；未写入任何内容")
        sys.stderr.write(said.told(lang) + "\n")
        raise typer.Exit(1)
    return found.survey()


def _state_texts(ede: Path) -> Path | None:
    """The second file of an EDE set: `…_StateTexts.csv` beside it."""
    stem = ede.stem.lower().removesuffix("_ede").removesuffix("-ede")
    for path in sorted(ede.parent.glob("*.[cC][sS][vV]")):
        other = path.stem.lower().replace("-", "").replace("_", "")
        if path != ede and "statetext" in other and other.startswith(stem.replace("-", "").replace("_", "")):
            return path
    return None


def _write(path: Path, survey: Survey, lang: Lang, *, dry_run: bool) -> None:
    """The site file and the file of what was read; exit 1 where the former would not pass `check`."""
    from supervisor.cli.points import _save
    from supervisor.field.survey.memory import Memory, beside, differences, recall, remember
    from supervisor.sitefile.sitefile import load_text

    memory = recall(beside(path))
    new = not path.exists()
    if new and not survey.things:
        fail(
            Phrase(
                "no object was read, so that there is no site file to begin",
                "未读到任何对象，无法生成站点文件",
            ),
            Phrase("see above what was said; a run goes on where it was", "原因见上；再次运行可继续"),
        )
    done, old = _made(path, survey, memory)
    for slip in sorted(done.slips):
        sys.stderr.write(f"{path}: {visible(slip.said.told(lang))}\n")
    result = load_text(done.text, str(path))
    if result.site is None:
        show_problems([p for p in result.problems if p.is_error], result.text)
        raise typer.Exit(1)
    if not new:
        _differs(path, old, done.text)
        for said in differences(memory.survey, survey) if memory.survey.devices else ():
            typer.echo(said.told(lang))
    for said in done.lines:
        typer.echo(said.told(lang))
    if dry_run:
        typer.echo(Phrase("nothing was written: --dry-run", "未写入：--dry-run").told(lang))
        return
    if done.text != old:
        _save(path, done.text.encode())
    half = (
        survey if any(device.count >= 0 and not device.whole for device in survey.devices.values()) else None
    )
    remember(beside(path), Memory(survey, half, memory.offered | set(survey.things), time.time()))
    _ended(path, done, lang, new=new, changed=done.text != old)


def _made(path: Path, survey: Survey, memory: Memory) -> tuple[Written, str]:
    from config.source import read_source
    from config.structure import build
    from supervisor.field.survey.starter import again, begin
    from supervisor.sitefile.sitefile import load

    if not path.exists():
        return begin(path, survey), ""
    loaded = load(path)
    if loaded.site is None:
        show_problems(loaded.problems, loaded.text)
        raise typer.Exit(1)
    text = path.read_bytes().decode("utf-8")
    structure = build(read_source(text.encode(), str(path)))
    assert structure is not None  # there is a site of it
    return again(text, structure.file, loaded.site, survey, memory.offered), text


def _differs(path: Path, old: str, new: str) -> None:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), str(path), str(path), lineterm="", n=1)
    for line in lines:
        typer.echo(line)


def _ended(path: Path, done: Written, lang: Lang, *, new: bool, changed: bool) -> None:
    if not changed:
        said = Phrase(f"{path}: nothing to add", f"{path}：无新增内容")
    elif new:
        said = Phrase(
            f"{path}: made, in dry run, nothing writable; its first lines say what to look at first",
            f"{path}：已生成，试运行且全部只读；开头几行列出应先核对的内容",
        )
    else:
        said = Phrase(
            f"{path}: what is new was put in; what was there stays", f"{path}：已加入新增内容；原有内容不变"
        )
    typer.echo(said.told(lang))
