"""The texts that the rules enforce, and where in them."""

from __future__ import annotations

from typing import NamedTuple


class Document(NamedTuple):
    """A published text."""

    key: str
    title_zh: str
    title_en: str


class Citation(NamedTuple):
    """A clause of a document; `site_choice` where no text says it and the number is ours."""

    document: Document
    clause: str
    site_choice: bool = False

    def __str__(self) -> str:
        return f"{self.document.key} {self.clause}" + (" (site choice)" if self.site_choice else "")


ACTION_PLAN = Document("AP", "公共机构节能行动方案", "the district's energy conservation action plan")
NOTICE_42 = Document(
    "国办发〔2007〕42号",
    "国务院办公厅关于严格执行公共建筑空调温度控制标准的通知",
    "State Council office notice on air-conditioning temperatures in public buildings",
)
MEASURES_115 = Document(
    "建科〔2008〕115号",
    "公共建筑室内温度控制管理办法",
    "measures for managing indoor temperatures of public buildings",
)
LIFE_SAFETY = Document("生命安全", "消防优先", "life safety owns the building")
EQUIPMENT = Document("设备保护", "设备保护", "equipment protection")
SITE = Document("本项目", "现场约定", "site agreement")
