"""The schema by which an editor underlines: red where the loader refuses, and not where it takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError

from config.schema import json_schema
from tests.unit.config.conftest import SMALL
from tests.unit.config.slips.pairs import TAKEN

_EXAMPLES = Path(__file__).parents[3] / "config" / "examples"
SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
_OF_THE_PARSER = re.compile(
    r"(?:^|[{、\n])\s*[\w“”]+：|[ａ-ｚ”]+:|“[^”]*,|\d、close|^[^\[]*office、common$", re.MULTILINE
)
"""What an editor's own parser takes for another key, or for none: `check` takes it, the editor underlines it."""
_PLAIN = ({"type": "null"}, {"type": "string"})
"""What needs no words of its own: nothing written, and a section in one word, which its key explains."""
_CHINESE = re.compile(r"[一-鿿]")


class _Editor(SafeConstructor):
    """YAML 1.2 as editors read it: a day is the text that was written."""


_Editor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def _seen(text: str) -> Any:
    """The file as an editor's parser sees it."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Editor
    return _plain(yaml.load(text))


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return data if isinstance(data, str | int | float | bool | type(None)) else str(data)


def _red(text: str) -> list[str]:
    return [f"{list(e.absolute_path)}: {e.message[:200]}" for e in VALIDATOR.iter_errors(_seen(text))]


@pytest.mark.parametrize("path", sorted(_EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_no_line_of_an_example_is_red(path: Path) -> None:
    """And its first line tells an editor where the schema is."""
    text = path.read_text(encoding="utf-8")
    assert _red(text) == []
    assert text.startswith("# yaml-language-server: $schema=")
    named = text.splitlines()[0].partition("$schema=")[2]
    assert (path.parent / named).is_file()


def test_what_the_loader_takes_is_not_red() -> None:
    """Each slip that is taken, as far as an editor's own parser can read it."""
    assert _red(SMALL) == []
    red, unread = {}, []
    for name, pair in TAKEN.items():
        text = SMALL.replace(pair.old, pair.written, 1)
        try:
            found = _red(text)
        except (YAMLError, ValueError):
            unread.append(name)
            continue
        if found and not _OF_THE_PARSER.search(pair.written):
            red[name] = found
    assert red == {}
    assert len(unread) < 12, unread


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("workday: 09:00-17:30", "workday: 09:00-25:30"),
        ("workday: 09:00-17:30", "workday: from nine to five"),
        ("workday: 09:00-17:30", "workday: 9点-25点"),
        ("date: 2026-09-30", "date: 2026-13-30"),
        ("date: 2026-09-30", "date: 9月30日"),
        ("close: 16:00", "close: 4pm"),
        ("priority: 10", "priority: ten"),
        ("priority: 10", "stagger: 30 minutes"),
        ("priority: 10", "stagger: 五个"),
        ("summer: 06-01", "summer: 13-01"),
        ("fcu: ddc-1/10", "fcu: ddc-1"),
        ("fire_alarm: ddc-2/binary-input:1", "fire_alarm: ddc-2/binary-inptu:1"),
        ("temperature: analog-input:0", "temperature: analog-inptu:0"),
        ("temperature: analog-input:0", "temprature: analog-input:0"),
        ("dry_run: false", "dry_run: maybe"),
        ("dry_run: false", "dryrun: false"),
        ("kind: stair", "kind: stairs"),
    ],
)
def test_a_wrong_line_is_red(old: str, new: str) -> None:
    """Before anybody runs `check`."""
    assert old in SMALL
    assert _red(SMALL.replace(old, new, 1)) != []


def test_the_schema_beside_the_examples_is_that_of_the_code() -> None:
    """`make docs` writes it; whoever copies an example has it in one folder with `schema > site.schema.json`."""
    assert json.loads((_EXAMPLES / "site.schema.json").read_text(encoding="utf-8")) == SCHEMA


def test_every_key_is_explained_in_both_languages_in_each_of_its_forms() -> None:
    """Hovering over a key, or over what stands behind it, explains it: unions, sections and rules, too."""
    missing = []
    for name, section in {"": SCHEMA, **SCHEMA["$defs"]}.items():
        for key, field in section.get("properties", {}).items():
            forms = [field, *(form for form in field.get("anyOf", ()) if form not in _PLAIN)]
            for form in forms:
                said = form.get("description", "")
                if " · " not in said or not _CHINESE.search(said):
                    missing.append(f"{name}.{key}")
    assert missing == []
