"""A profile: what one data centre expects. Centres differ, so that all in which they do is a key of this file."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from config.models import Model
from config.phrase import Phrase

_HOST: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*|\[[0-9A-Fa-f:.]+\]")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")
BLOCKS: Final = (16, 24, 32)
"""Octets of an AES key."""
Spelled = Literal[
    "root", "common", "building_id", "gateway_id", "type", "id_validate", "sequence", "md5", "result", "heart_beat",
    "time", "data", "parser", "total", "current", "meter", "function", "id", "coding", "error", "name", "operation",
    "config", "period", "ack",
]  # fmt: skip
"""Elements and attributes whose spelling a centre may have its own of."""
Operation = Literal[
    "request", "sequence", "md5", "result", "notify", "time", "report", "report_ack", "continuous", "continuous_ack",
    "query", "reply", "period", "period_ack",
]  # fmt: skip
"""What messages do, by the neutral name."""
BuildField = Literal[
    "F_DataCenterID", "F_BuildName", "F_AliasName", "F_BuildOwner", "F_State", "F_DistrictCode", "F_BuildLong",
    "F_BuildLat", "F_BuildYear", "F_UpFloor", "F_DownFloor", "F_BuildFunc", "F_BuildSubFunc", "F_TotalArea", "F_AirArea",
    "F_HeatArea", "F_AirType", "F_HeatType", "F_BodyCoef", "F_StruType", "F_WallMatType", "F_WallWarmType",
    "F_WallWinType", "F_GlassType", "F_WinFrameType", "F_DesignDept", "F_WorkDept", "F_CreateTime", "F_CreateUser",
    "F_MonitorDate", "F_AcceptDate",
]  # fmt: skip
"""What Build.xml says of a building, in its order."""
SENT: Final = ("request", "md5", "notify", "report", "continuous", "reply", "period_ack")
"""Operations of our own messages."""


class ProfileError(ValueError):
    """A value that cannot be; what is wrong, and what to write."""

    def __init__(self, what: Phrase, hint: Phrase) -> None:
        super().__init__(what.en)
        self.what, self.hint = what, hint


def _hex(text: str) -> str:
    try:
        bytes.fromhex(text)
    except ValueError:
        raise ProfileError(
            Phrase("this is no row of octets", "不是十六进制字节串"),
            Phrase("write it like 55AA55AA, in quotes", "应写作 55AA55AA，并加引号"),
        ) from None
    return text


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not (_HOST.fullmatch(host) and _PORT.fullmatch(port) and int(port) < 65536):
        raise ProfileError(
            Phrase("this is no address of a centre", "不是中心地址"),
            Phrase("write host:port, like 10.1.2.3:9000", "应写作 主机:端口，如 10.1.2.3:9000"),
        )
    return text


def octets(text: str) -> bytes:
    """A key as it is written: text, or `hex:` and its octets. Raises ProfileError."""
    return bytes.fromhex(_hex(text[4:])) if text.startswith("hex:") else text.encode("utf-8")


Hex = Annotated[str, AfterValidator(_hex)]
TAG: Final = r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$"
ID: Final = r"^[A-Za-z0-9]{1,32}$"
NAME: Final = r"^[a-z0-9][a-z0-9_-]{0,40}$"
Tag = Annotated[str, StringConstraints(pattern=TAG)]
Id = Annotated[str, StringConstraints(pattern=ID)]
Name = Annotated[str, StringConstraints(pattern=NAME)]


class Check(StrEnum):
    """The checksum at a message's end."""

    NONE = "none"
    XMODEM = "xmodem"
    MODBUS = "modbus"


class Order(StrEnum):
    """What MD5 is taken of."""

    KEY_FIRST = "key-sequence"
    SEQUENCE_FIRST = "sequence-key"


class CipherMode(StrEnum):
    """How AES is applied."""

    NONE = "none"
    ECB = "ecb"
    CBC = "cbc"


class Padding(StrEnum):
    """What fills the last block."""

    PKCS7 = "pkcs7"
    ZERO = "zero"
    SPACE = "space"


class Framing(Model):
    """What stands around a message. Numbers of several octets are all little- or all big-endian."""

    head: Hex = ""
    tail: Hex = ""
    length: Literal["little", "big"] = "little"
    serial: bool = False
    check: Check = Check.NONE
    types: dict[Operation, Annotated[int, Field(ge=0, le=255)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _all_types(self) -> Framing:
        missing = [name for name in SENT if name not in self.types] if self.types else []
        if missing:
            raise ProfileError(
                Phrase(f"no number for {', '.join(missing)}", f"缺少 {'、'.join(missing)} 的编号"),
                Phrase("number every message that is sent, or none", "须为所有发送的报文编号，或都不编号"),
            )
        return self


class Login(Model):
    """How the collector proves who it is."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    order: Order = Order.KEY_FIRST
    digest: Literal["lower", "upper"] = "lower"


class CipherSpec(Model):
    """AES, as the centre wants it. `iv`: `key` for the key itself, `zero`, 16 characters, or `hex:` and 16 octets."""

    mode: CipherMode = CipherMode.NONE
    key: str = ""
    iv: str = "key"
    padding: Padding = Padding.PKCS7
    covers: Literal["all", "data"] = "all"

    @property
    def key_octets(self) -> bytes:
        """The key."""
        return octets(self.key)

    @property
    def iv_octets(self) -> bytes:
        """Where CBC begins."""
        if self.iv == "zero":
            return bytes(16)
        return self.key_octets[:16] if self.iv == "key" else octets(self.iv)

    @model_validator(mode="after")
    def _sizes(self) -> CipherSpec:
        if self.mode is CipherMode.NONE:
            return self
        if len(self.key_octets) not in BLOCKS:
            raise ProfileError(
                Phrase(
                    f"the key has {len(self.key_octets)} octets", f"密钥长度为 {len(self.key_octets)} 字节"
                ),
                Phrase("an AES key has 16, 24 or 32", "AES 密钥应为 16、24 或 32 字节"),
            )
        if self.mode is CipherMode.CBC and len(self.iv_octets) != 16:
            raise ProfileError(
                Phrase(f"the iv has {len(self.iv_octets)} octets", f"iv 长度为 {len(self.iv_octets)} 字节"),
                Phrase("it has 16; or write key, or zero", "应为 16 字节，或写 key、zero"),
            )
        return self


class Reports(Model):
    """`every`: minutes. `good`, `bad`: the code of a value that was read and of one that was not; without `bad` that one
    is left out. `parser`: what stands there. Values have so many `decimals`."""

    every: Annotated[int, Field(ge=1, le=1440)] = 15
    good: str = "0"
    bad: str | None = None
    parser: str = "yes"
    decimals: Annotated[int, Field(ge=0, le=6)] = 4
    names: bool = False

    @model_validator(mode="after")
    def _divides(self) -> Reports:
        if 1440 % self.every:
            raise ProfileError(
                Phrase(f"{self.every} minutes do not divide a day", f"{self.every} 分钟不能整除一天"),
                Phrase("write 5, 15, 30 or 60", "应写 5、15、30 或 60"),
            )
        return self


class Confirms(Model):
    """What tells that a report arrived: its `ack`, or the answer to the `heart-beat` after it."""

    report: Literal["ack", "heart-beat"] = "ack"
    continuous: Literal["ack", "heart-beat"] = "ack"


class Place(Model):
    """Where a meter stands in a centre's list."""

    id: Id
    function: Id = "1"
    coding: Id | None = None


class Collector(Model):
    """A data centre that is reported to over TCP."""

    kind: Literal["collector"]
    name: Name
    centre: Annotated[str, AfterValidator(_address)]
    building_id: Id
    gateway_id: Id
    encoding: Literal["utf-8", "gbk"] = "utf-8"
    framing: Framing | None = None
    login: Login
    cipher: CipherSpec = CipherSpec()
    reports: Reports = Reports()
    confirms: Confirms = Confirms()
    heart_beat: Annotated[int, Field(ge=5, le=3600)] = 60
    timeout: Annotated[float, Field(ge=0.1, le=600)] = 30
    buffer_days: Annotated[int, Field(ge=1, le=3660)] = 30
    spelling: dict[Spelled, Tag] = Field(default_factory=dict)
    types: dict[Operation, Tag] = Field(default_factory=dict)
    meters: dict[str, Place] = Field(default_factory=dict)
    codes: str | None = None

    @property
    def host(self) -> str:
        """The centre's host."""
        return self.centre.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """Its TCP port."""
        return int(self.centre.rpartition(":")[2])

    @model_validator(mode="after")
    def _separable(self) -> Collector:
        if self.framing is None and self.cipher.mode is not CipherMode.NONE:
            raise ProfileError(
                Phrase(
                    "encrypted messages without a framing have no end", "加密报文没有分帧，无法分辨报文结尾"
                ),
                Phrase("add framing:, or cipher: {mode: none}", "请填写 framing，或 cipher: {mode: none}"),
            )
        return self


class Upper(Model):
    """A centre above, which takes files. `build`: what Build.xml says besides name and area."""

    kind: Literal["upper"]
    name: Name
    centre_id: Id
    building_id: Id
    per: Literal["day", "period"] = "day"
    operation: Literal["N", "U"] = "N"
    encoding: Literal["utf-8"] = "utf-8"
    build: dict[BuildField, str] = Field(default_factory=dict)
    extra: dict[Tag, str] = Field(default_factory=dict)
    codes: str | None = None


Profile = Collector | Upper
