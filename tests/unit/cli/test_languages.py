"""Every verb speaks its reader's language, and no other: what was asked for, the site file's, the terminal's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from config.phrase import LANGS, Lang, columns
from config.secrets import NOT_QUOTED
from supervisor.cli import helping, language
from supervisor.cli.main import app
from tests.site_files import OFFICE

LOCALES = {"zh": "zh_CN.UTF-8", "en": "en_GB.UTF-8"}
_CHINESE = re.compile(r"[一-鿿]")
_SENTENCE = re.compile(r"\b[A-Za-z]{2,}(?: [a-z]{2,}){2,}\b")
"""Three words of English in a row."""
_NAMES = re.compile(
    r"`[^`]*`|'[^']*'|https?://\S+|--[a-z-]+|(?:例：|Example:)(?:.|\n(?!\n))*|building-supervisor [^\n]*|python -m supervisor[^\n]*"
    r"|^\s*\d+ \|.*$|\S*/\S+|\[[A-Z.]+\]\.*|《[^》]*》",
    re.MULTILINE,
)
"""What is no sentence of ours: quotations, commands, addresses, the file's own lines, file names."""
_DAYS = "元旦 春节 清明 劳动节 端午 中秋 国庆"
"""What the State Council's notice calls its days."""
MISTAKES = {
    "a name that is not there": ("hours: office", "hours: ofice"),
    "no duration": ("version: 1", "version: 1\nstagger: soon"),
    "a tab": ("zones:", "zones:\n\tx: 1"),
    "an unknown key": ("version: 1", "version: 1\nzonez: {}"),
    "out of range": ("version: 1", "version: 1\npriority: 8"),
    "no time": ("workday: ", "workday: 09:00-25:30 # "),
    "not true": ("version: 1", "version: 1\ndry_run: perhaps"),
    "twice": ("version: 1", "version: 1\nversion: 1"),
    "no version": ("version: 1", ""),
    "no zone of time": ("Asia/Shanghai", "Asia/Shanghia"),
    "an open quote": ("version: 1", 'version: 1\nname: "x'),
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the example that may be spoilt."""
    site = tmp_path / "site.yaml"
    site.write_text(OFFICE.read_text(encoding="utf-8"), encoding="utf-8")
    return site


def _speaks(monkeypatch: pytest.MonkeyPatch, lang: Lang) -> None:
    monkeypatch.setenv("LC_ALL", LOCALES[lang])
    monkeypatch.setenv("COLUMNS", "80")


def _said(*arguments: object) -> str:
    ran = CliRunner().invoke(app, [*map(str, arguments)])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran.output


def _strange(text: str, lang: Lang, names: str = "") -> list[str]:
    """What is told in the other language. `names` is the site file: what it calls things stays as it is."""
    own = _NAMES.sub("", text)
    if lang == "zh":
        return [found[0] for found in _SENTENCE.finditer(own)]
    words = re.findall(r"[一-鿿]+", own)
    return [word for word in words if word not in f"{names}{_DAYS}"]


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from _commands(command, (*path, name))


COMMANDS = list(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_of_every_verb_is_in_one_language(
    path: tuple[str, ...], lang: Lang, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headings, sentences, each option; and no line is wider than a terminal."""
    _speaks(monkeypatch, lang)
    page = _said(*path, "--help")
    assert _strange(page, lang) == []
    assert max(columns(line) for line in page.splitlines()) <= 80


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_has_its_chinese(path: tuple[str, ...]) -> None:
    """In the text itself, behind a dot, so that whoever changes the one sees the other."""
    command: Any = typer.main.get_command(app)
    for name in path:
        command = command.commands[name]
    told = [p.help for p in command.params if getattr(p, "help", None) and "completion" not in p.opts[0]]
    told += [p for p in (command.help or "").split("\n\n") if not p.strip().startswith("Example")]
    assert [text for text in told if not _CHINESE.search(helping.split(" ".join(text.split())).zh)] == []


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_tells_a_mistake_in_one_language(
    mistake: str, lang: Lang, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Message, hint and count."""
    _speaks(monkeypatch, lang)
    text = small.read_text(encoding="utf-8")
    before, after = MISTAKES[mistake]
    assert before in text
    small.write_text(text.replace(before, after, 1), encoding="utf-8")
    said = _said("check", small)
    assert ("hint: " if lang == "en" else "提示：") in said
    assert _strange(said.replace(NOT_QUOTED.told(lang), ""), lang, text) == []


SAID: dict[str, tuple[object, ...]] = {
    "check": ("check", OFFICE),
    "check a file that is not there": ("check", "nowhere.yaml"),
    "check a folder": ("check", OFFICE.parent),
    "plan": ("plan", OFFICE, "--date", "2026-02-14"),
    "plan of no zone": ("plan", OFFICE, "--zone", "f9"),
    "plan of no day": ("plan", OFFICE, "--date", "tomorrow"),
    "explain without a daemon": ("explain", OFFICE, "f1-hall/fcu/start_stop"),
    "reload without a daemon": ("reload", OFFICE),
    "release without a daemon": ("release", OFFICE),
    "release for no time": ("release", OFFICE, "--for", "long"),
    "release at odds": ("release", OFFICE, "--lost-journal"),
    "overtime without a daemon": ("overtime", OFFICE, "f1-hall", "--until", "20:00", "--name", "x"),
    "manual without a daemon": ("manual", OFFICE),
    "manual of nothing": ("manual", OFFICE, "f1-hall/fcu/start_stop"),
    "no verb": ("chekc",),
    "no option": ("check", OFFICE, "--foo"),
    "no argument": ("check",),
    "no choice": ("check", OFFICE, "--format", "xml"),
    "no number": ("simulate", OFFICE, "--seed", "one"),
    "beyond its range": ("simulate", OFFICE, "--empty", "2"),
    "simulate backwards": ("simulate", OFFICE, "--from", "2026-02-02", "--to", "2026-02-01"),
    "replay of nothing": ("simulate", OFFICE, "--replay", "nothing.sqlite3"),
    "weather of nowhere": (
        "simulate",
        OFFICE,
        "--weather",
        "nothing.epw",
        "--from",
        "2026-07-01",
        "--to",
        "2026-07-01",
    ),
    "run from no time": ("run", OFFICE, "--start", "noon"),
    "no period": ("ledger", "meters", OFFICE, "--period", "sometime"),
    "no store": ("ledger", "verify", OFFICE),
    "no profile": ("ledger", "upload", OFFICE, "--profile", "nothing.yaml"),
    "no file": ("ledger", "import", OFFICE, "nothing.csv"),
    "both files": ("ledger", "import", OFFICE),
}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("case", SAID)
def test_a_verb_tells_its_answer_and_its_errors_in_one_language(
    case: str, lang: Lang, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The terminal's."""
    _speaks(monkeypatch, lang)
    monkeypatch.setenv("BUILDING_SUPERVISOR_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    said = _said(*SAID[case])
    assert said.strip()
    assert _strange(said, lang, OFFICE.read_text(encoding="utf-8")) == []


def test_the_option_goes_before_the_site_and_the_site_before_the_terminal(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever says what he wants is heard; a site is told in its own language wherever it is looked at."""
    _speaks(monkeypatch, "en")
    assert ": ok." in _said("check", small)
    small.write_text(f"language: zh\n{small.read_text(encoding='utf-8')}", encoding="utf-8")
    assert "：正确。" in _said("check", small)
    assert ": ok." in _said("check", small, "--lang", "en")
    assert ": ok." in _said("--lang=en", "check", small)
    _speaks(monkeypatch, "zh")
    assert "提示：" in _said("check", "nowhere.yaml")


@pytest.mark.parametrize("locale", ["zh_CN.UTF-8", "zh_CN.GBK", "C"])
@pytest.mark.parametrize("verb", [("check", "s.yaml"), ("--help",)], ids=" ".join)
@pytest.mark.thorough
def test_a_terminal_without_chinese_signs_is_told_in_english(
    verb: tuple[str, ...], locale: str, small: Path
) -> None:
    """Whatever the locale is called, and with no traceback; Chinese where it is asked for, as well as can be."""
    small.rename(small.with_name("s.yaml")).write_text(
        "version: 1\nbuilding: x\nzonez: {}\n", encoding="utf-8"
    )
    environment = {
        **os.environ,
        "LC_ALL": locale,
        "PYTHONIOENCODING": "ascii:replace",
        "PYTHONPATH": str(OFFICE.parents[2]),
    }
    command = [sys.executable, "-m", "supervisor", *verb]
    ran = subprocess.run(
        command, capture_output=True, text=True, cwd=small.parent, env=environment, check=False
    )
    assert ran.returncode in (0, 1)
    assert "Traceback" not in ran.stderr
    assert "??" not in ran.stdout + ran.stderr


def test_a_broken_site_file_is_told_in_its_own_language(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the broken one that she must read."""
    _speaks(monkeypatch, "en")
    text = small.read_text(encoding="utf-8").replace("hours: office", "hours: ofice", 1)
    small.write_text(f"language: zh\n{text}", encoding="utf-8")
    assert "错误：没有开放时间组 `ofice`" in _said("check", small)


@pytest.mark.parametrize(("locale", "lang"), [("C", None), ("C.UTF-8", None), ("POSIX", None), ("zh_TW.Big5", "zh"), ("de_DE", "en")])  # fmt: skip
def test_a_locale_of_no_language_names_none(
    locale: str, lang: Lang | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container's C.UTF-8 says nothing of who reads."""
    language.begin()
    monkeypatch.setenv("LC_ALL", locale)
    assert language.named() == lang


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", "site.yaml", "--zone", "大", "厅"), "多出的参数（厅）"),
        (("plan", "site.yaml", "--zon"), "没有选项 --zon"),
        (("plan",), "缺少参数"),
        (("plans",), "没有命令 'plans'"),
        (("plan", "site.yaml", "--date"), "选项 '--date' 后面要有值"),
    ],
)
def test_what_the_parser_of_command_lines_says_is_chinese(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    """A zone's name with a space and no quotes had an English sentence for an answer."""
    _speaks(monkeypatch, "zh")
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 2
    assert said in done.output
    assert "命令行有误" not in done.output


def test_a_help_is_cut_and_joined_as_its_language_writes() -> None:
    """A point inside a name ends no sentence; a line's end between Chinese signs is no space; a list's type is a person's word."""
    listed = _said("--help")
    assert "http.tokens" in listed
    assert "运行记录校准仿真模型" in " ".join(_said("--help", "--lang", "zh").split())
    assert "<list[" not in _said("report", "--help")
    assert "例：building-supervisor" in _said("check", "--help", "--lang", "zh")


def test_a_help_calls_values_as_people_do() -> None:
    """A number is no `float range` and its limits are words: nobody has to know the language that this is written in."""
    for lang, said in (
        ("en", ("--speed <number>", "[default: 60.0; 1 to 600]", "[at least 1]", "--site <path>")),
        ("zh", ("--speed <数>", "[默认：60.0；1 至 600]", "[至少 1]", "--site <路径>", "--start <文字>")),
    ):
        page = _said("demo", "--help", "--lang", lang)
        shown = " ".join(page.split())
        assert [part for part in said if part not in shown] == []
        assert not re.search(r"range>|<=|<str>|>=", page)


def test_each_verb_shows_itself_at_work() -> None:
    """What is under `--help` ends in a line to copy: a verb's, and that of a family of verbs (`trial`, `ledger`)."""
    families: Any = typer.main.get_command(app)
    silent = [
        name
        for name, verb in families.commands.items()
        if "Example: building-supervisor" not in (verb.help or "")
    ]
    assert silent == []
