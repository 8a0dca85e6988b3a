"""What the pages promise and a machine can check is so."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from config.file import Http, SiteFile
from supervisor.cli.main import app
from supervisor.daemon.promises import PROMISE, RELEASE_WITHIN
from supervisor.telling.metrics.definitions import DEFINITIONS

ROOT = Path(__file__).parents[3]
PAGES = [
    ROOT / "README.md",
    *(
        p
        for p in sorted((ROOT / "docs").rglob("*.md"))
        if "decisions" not in p.parts and p.name != "commands.md"
    ),
]
DEPLOYED = [p for p in sorted((ROOT / "deploy").rglob("*")) if p.suffix in {".yml", ".yaml", ".json"}]
COMMAND = typer.main.get_command(app)
METRICS = {definition.name for definition in DEFINITIONS}
SUFFIX = re.compile(r"_(bucket|sum|count)$")


def verbs(text: str) -> list[list[str]]:
    """Every `building-supervisor VERB …` of a page, cut into words, comments and the shell's left out."""
    lines = re.findall(r"building-supervisor ([a-z][^\n`|&>;]*)", text.replace("\\\n", " "))
    return [line.partition(" #")[0].split() for line in lines]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_options_of_a_page_exist(page: Path) -> None:
    """Somebody copies a line from the page: it is no misuse."""
    assert strange_options(page.read_text(encoding="utf-8")) == []


def test_an_option_that_is_not_there_would_be_seen() -> None:
    """The search itself can fail."""
    assert strange_options("$ building-supervisor run x.yaml --dry-run --no-such") == ["run --no-such"]


def strange_options(text: str) -> list[str]:
    """Options that a page gives to a verb that does not have them."""
    known = COMMAND.commands  # type: ignore[attr-defined] # a group
    strange = []
    for verb, *words in verbs(text):
        if verb not in known:
            continue  # prose that goes on after the program's name; what looks like a verb is checked below
        options = {
            option
            for parameter in known[verb].params
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        options |= {"--help"}
        strange += [
            f"{verb} {w}"
            for w in words
            if w.startswith("--") and w.partition("=")[0].strip("[],.)") not in options
        ]
    return strange


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_command_at_a_prompt_is_a_verb(page: Path) -> None:
    """`$ building-supervisor X`: there is an X."""
    text = page.read_text(encoding="utf-8")
    shown = re.findall(r"^\$ (?:sudo )?(?:\S*/)?building-supervisor ([a-z]\S*)", text, re.MULTILINE)
    assert [verb for verb in shown if verb not in COMMAND.commands] == []  # type: ignore[attr-defined] # a group


@pytest.mark.parametrize("page", [*PAGES, *DEPLOYED], ids=lambda page: str(page.relative_to(ROOT)))
def test_metrics_that_are_named_exist(page: Path) -> None:
    """A dashboard, an alert or a page that names a metric names one that is exported, or a rule recorded from them."""
    text = page.read_text(encoding="utf-8")
    named = set(
        re.findall(
            r"(?<![\w:.\-/])building_[a-z_]*(?:celsius|total|seconds|joules|ratio|info|healthy|valid|up)\b",
            text,
        )
    )
    assert {name for name in named if SUFFIX.sub("", name) not in METRICS and name not in METRICS} == set()


def _nine_to_sixteen() -> bool:
    """Which priorities a site file may name."""
    (allowed,) = (m for m in SiteFile.model_fields["priority"].metadata if isinstance(m, AfterValidator))
    taken = []
    for priority in range(1, 18):
        with contextlib.suppress(ValueError, PydanticCustomError):
            taken.append(allowed.func(priority))  # type: ignore[call-arg] # takes the value alone
    return taken == list(range(9, 17))


PROMISES: dict[str, tuple[str, str, Callable[[], bool]]] = {
    "the page's port": ("README.md", "http://127.0.0.1:8026/", lambda: Http().port == 8026),
    "loopback by default": ("docs/reference/site-file.md", "`127.0.0.1`", lambda: Http().bind == "127.0.0.1"),
    "five seconds": ("docs/how-to/let-go.md", "five seconds", lambda: PROMISE <= 5.0),
    "the service manager's limit": (
        "deploy/systemd/building-supervisor.service", "TimeoutStopSec=60", lambda: RELEASE_WITHIN < 60.0,
    ),
    "a priority from 9 to 16": ("README.md", "one priority from 9 to 16", _nine_to_sixteen),
}  # fmt: skip
"""What is promised: the page, its words, and the check of it."""


@pytest.mark.parametrize("promise", PROMISES)
def test_a_figure_on_a_page_is_the_codes(promise: str) -> None:
    """The words still stand on the page, and they are true."""
    page, words, holds = PROMISES[promise]
    assert words in (ROOT / page).read_text(encoding="utf-8")
    assert holds()
