"""The texts that the rules enforce, and where in them."""

from __future__ import annotations

from typing import NamedTuple

from config.phrase import Lang, Phrase


class Document(NamedTuple):
    """A published text; `short`: what a line calls it in place of its key."""

    key: str
    title: Phrase
    short: Phrase | None = None

    def called(self, lang: Lang) -> str:
        """Its name in a line."""
        return self.key if self.short is None else self.short.told(lang)


class Citation(NamedTuple):
    """A clause of a document; `site_choice` where no text says it and the number is ours.

    `clause` is what the audit keeps: the document's own words, in the language in which they are law. Where they are ours, `ours`
    has them for people in both languages.
    """

    document: Document
    clause: str
    site_choice: bool = False
    ours: Phrase | None = None

    def told(self, lang: Lang) -> str:
        """The clause for people."""
        return self.clause if self.ours is None else self.ours.told(lang)

    def __str__(self) -> str:
        return f"{self.document.key} {self.clause}" + (" (site choice)" if self.site_choice else "")


ACTION_PLAN = Document(
    "AP",
    Phrase("the district's energy conservation action plan", "公共机构节能行动方案"),
    Phrase("Action plan", "行动方案"),
)
NOTICE_42 = Document(
    "国办发〔2007〕42号",
    Phrase(
        "State Council office notice on air-conditioning temperatures in public buildings",
        "国务院办公厅关于严格执行公共建筑空调温度控制标准的通知",
    ),
)
MEASURES_115 = Document(
    "建科〔2008〕115号",
    Phrase("measures for managing indoor temperatures of public buildings", "公共建筑室内温度控制管理办法"),
)
LIFE_SAFETY = Document(
    "生命安全", Phrase("life safety owns the building", "消防优先"), Phrase("Life safety", "生命安全")
)
EQUIPMENT = Document(
    "设备保护", Phrase("equipment protection", "设备保护"), Phrase("Equipment protection", "设备保护")
)
SITE = Document("本项目", Phrase("site agreement", "现场约定"), Phrase("Site agreement", "现场约定"))
