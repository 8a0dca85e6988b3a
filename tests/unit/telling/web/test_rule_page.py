"""A rule's page: its text, its clause and its numbers, as they are in this building."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.load import load
from config.phrase import LANGS
from config.rules import RuleId
from supervisor.core.rules import BY_ID
from supervisor.store import Store
from supervisor.telling.web.rule_page import numbers
from supervisor.telling.words import clause
from tests.unit.telling.web.test_app import body, looking, text_of
from tests.unit.telling.web.test_zone_page import OFFICE, browsing, kept, store

__all__ = ["store"]


@pytest.mark.parametrize("rule", list(RuleId))
async def test_every_rule_has_a_page_in_both_languages(rule: RuleId) -> None:
    """Its title, its text, its clauses; no script, no address from the root."""
    for lang in ("zh", "en"):
        html = await body(f"/rule/{rule}?lang={lang}")
        words = text_of(html)
        told = BY_ID[rule]
        assert told.title.told(lang) in words
        assert all(cite.told(lang) in words for cite in told.cites)
        assert "<script" not in html
        assert not [a for a in re.findall(r'(?:href|src)="([^"]*)"', html) if a.startswith("/")]


async def test_the_numbers_are_those_of_this_building(store: Store, tmp_path: Path) -> None:
    """With the zones that have others, and where each comes from."""
    async with browsing(looking(), kept(store, tmp_path)) as client:
        words = text_of((await client.get("/rule/summer-setpoint?lang=zh")).text)
    assert "制冷设定下限" in words
    assert "行动方案 夏季不低于26度; 国办发〔2007〕42号" in words
    assert "6 次/天" in words
    site = load(OFFICE).site
    assert site is not None
    found = {n.key: n for n in numbers(RuleId.SUMMER_SETPOINT, site, "en")}
    assert found["minimum"].here == "26 °C"
    assert "site choice °" in {n.origin for n in found.values()}


def test_a_rules_times_and_our_own_clauses_are_in_the_readers_language() -> None:
    """15 分钟 and not 900 s; 分钟数 and not `the minutes`; only the law's words stay as they are."""
    site = load(OFFICE).site
    assert site is not None
    zh, en = ({n.key: n for n in numbers(RuleId.VACANCY_OFF, site, lang)} for lang in LANGS)
    assert (zh["hvac_after"].here, en["hvac_after"].here) == ("15 分钟", "15 min")
    assert zh["hvac_after"].others == ("政务服务大厅：30 分钟",)
    for rule in BY_ID.values():
        for cite in rule.cites:
            assert cite.site_choice or cite.ours is None
            assert cite.document.called("en").isascii() or cite.document.short is None
            if cite.ours is not None:
                assert cite.ours.en.isascii() and not cite.ours.zh.isascii()
            assert clause(str(cite), "zh").startswith(cite.document.called("zh"))
            assert "site choice" not in clause(str(cite), "zh")
    assert clause("words of an older version", "zh") == "words of an older version"


async def test_zones_outside_a_rule_come_first_and_lead_to_their_pages() -> None:
    """205 is set to 24 °C; the server room is exempt, with its reason."""
    html = await body("/rule/summer-setpoint?lang=en")
    links = re.findall(r'href="\.\./zone/([^?"]+)', html)
    assert links[0] == "f2-office-205"
    assert "机房设备全年需要制冷" in html
    assert 'href="rule/summer-setpoint?lang=en"' in await body("/?lang=en")


@pytest.mark.parametrize("asked", ["nonsense", "<script>alert(1)</script>", "x" * 2000])
async def test_a_rule_that_is_not_there_is_told_so(asked: str) -> None:
    """404 in both languages."""
    async with browsing(looking(), None) as client:
        for lang, said in (("zh", "没有规则"), ("en", "There is no rule")):
            answer = await client.get(f"/rule/{asked}?lang={lang}")
            assert answer.status_code == 404
            assert said in answer.text
            assert "<script>alert" not in answer.text
