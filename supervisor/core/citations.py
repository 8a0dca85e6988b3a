"""The texts that the rules enforce, and where in them."""

from __future__ import annotations

from typing import NamedTuple

from config.phrase import Phrase


class Document(NamedTuple):
    """A published text."""

    key: str
    title: Phrase


class Citation(NamedTuple):
    """A clause of a document; `site_choice` where no text says it and the number is ours."""

    document: Document
    clause: str
    site_choice: bool = False

    def __str__(self) -> str:
        return f"{self.document.key} {self.clause}" + (" (site choice)" if self.site_choice else "")


ACTION_PLAN = Document("AP", Phrase("the district's energy conservation action plan", "公共机构节能行动方案"))
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
LIFE_SAFETY = Document("生命安全", Phrase("life safety owns the building", "消防优先"))
EQUIPMENT = Document("设备保护", Phrase("equipment protection", "设备保护"))
SITE = Document("本项目", Phrase("site agreement", "现场约定"))
