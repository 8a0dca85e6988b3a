"""Every key of the site file is described, to editors and on the reference page."""

from __future__ import annotations

from config.meanings import MEANINGS, meaning
from config.reference import reference
from config.schema import json_schema, sections


def test_every_key_of_every_section_is_described() -> None:
    """Whoever adds a key says what it means, in both languages."""
    missing = [
        f"{name}.{field.alias or key}"
        for name, model in sections().items()
        if name != "RuleSettings"
        for key, field in model.model_fields.items()
        if not all(meaning(model, field.alias or key) or ("",))
    ]
    assert missing == []


def test_nothing_is_described_that_is_not_there() -> None:
    """A key that was renamed leaves no words behind."""
    gone = [
        f"{name}.{key}"
        for name, words in MEANINGS.items()
        for key in words
        if key not in {field.alias or own for own, field in sections()[name].model_fields.items()}
    ]
    assert gone == []


def test_an_editor_shows_what_a_key_means() -> None:
    """The schema carries the words, so that hovering over `stagger` explains it."""
    properties = json_schema()["properties"]
    assert properties["stagger"]["description"].startswith("time between two starts")
    assert "错峰" in properties["stagger"]["description"]


def test_the_page_names_every_section_once_and_its_links_lead_somewhere() -> None:
    """Defaults, ranges and names are those of the models."""
    page = reference()
    titles = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    assert len(titles) == len(set(titles))
    links = {part.split(")")[0] for part in page.split("](#")[1:]}
    assert links <= {title.lower() for title in titles}
    assert "| `port` | our own UDP port · 本机 UDP 端口 | whole number from 1 to 65535 | `47808` |" in page
    assert "`lead`" in page.split("## PreCloseOff")[1]
