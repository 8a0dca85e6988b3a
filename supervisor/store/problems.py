"""What goes wrong with a database, in the words of whoever has to mend it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from config.phrase import Phrase
from config.secrets import HIDDEN, covered, masked

if TYPE_CHECKING:
    import sqlalchemy as sa


class StoreProblem(Exception):
    """The database does not take or give rows; `hint` says what to do about it, `hint_zh` too where it is told
    at night. `busy`: it is somebody else's just now, and nothing is wrong with it. `away`: its server cannot be reached."""

    def __init__(
        self, message: str, hint: str = "", hint_zh: str = "", *, busy: bool = False, away: bool = False
    ) -> None:
        super().__init__(f"{message}. {hint}" if hint else message)
        self.message = message
        self.hint = hint
        self.hint_zh = hint_zh
        self.busy = busy
        self.away = away

    @property
    def said(self) -> Phrase:
        """The whole of it for people, message and remedy; what a driver says stays in its own words."""
        message, hint = self.message, self.hint
        for en, zh in _IN_CHINESE:
            message, hint = message.replace(en, zh), hint.replace(en, zh)
        hint = hint.replace(BESIDE.en, BESIDE.zh).replace("。 ", "。")
        return Phrase(str(self), f"{message}。{hint}" if hint else message)

    @property
    def pair(self) -> tuple[Phrase, Phrase]:
        """Message and remedy apart."""
        message, hint = self.message, self.hint_zh or self.hint
        for en, zh in _IN_CHINESE:
            message, hint = message.replace(en, zh), hint.replace(en, zh)
        return Phrase(self.message, message), Phrase(self.hint, hint)


BESIDE = Phrase(
    "Start beside it, the old one is kept: run SITE.yaml --new-store. Without a daemon, let go of what no journal "
    "knows: release SITE.yaml --offline --lost-journal.",
    "可保留原文件、另建新库启动：run SITE.yaml --new-store；"
    "无守护进程时释放日志中没有的占用：release SITE.yaml --offline --lost-journal。",
)
"""What to do about a store that is lost: the building is not."""
_LOST = (
    "cannot be opened",
    "is read-only",
    "is not an SQLite database",
    "is damaged",
    "cannot be read or written: disk error",
)
"""What is said of a store beside which another may be begun."""
_AWAY = ("does not answer", "has an unknown host")
"""What is said of a server that may be there later: where the box starts before the network, names are not known yet."""


_GONE = (
    *("connection refused", "no such file or directory", "no route to host", "is unreachable"),
    *("server closed the connection", "connection is closed", "connection is lost", "closed unexpectedly"),
    *("connection reset", "broken pipe", "terminating connection", "is starting up", "is shutting down"),
    *("timeout expired", "timed out", "not yet accepting connections", "in recovery mode"),
    *("too many clients", "remaining connection slots"),
)
"""What PostgreSQL's driver says of a server that is not there, or is no more."""
_HINTS = (
    (
        "unable to open database file",
        "cannot be opened",
        "Does its folder exist, and may this user write there?",
    ),
    ("readonly database", "is read-only", "Give this user write permission on the file and on its folder."),
    (
        "database is locked",
        "is locked by another program",
        "Stop the other daemon or the tool that holds it open.",
    ),
    ("disk is full", "cannot grow: the disk is full", "Free some space; nothing is written until then."),
    ("disk i/o error", "cannot be read or written: disk error", "Check the disk, then restore the file."),
    (
        "not a database",
        "is not an SQLite database",
        "Move the file away, or name another one under `database:`.",
    ),
    (
        "malformed",
        "is damaged",
        "Put the newest copy from the state folder's `backups` in its place.",
    ),
    (
        "could not decode",
        "is damaged",
        "Put the newest copy from the state folder's `backups` in its place.",
    ),
    *(
        (said, "does not answer", "Is PostgreSQL running, and is the address in `database:` right?")
        for said in _GONE
    ),
    ("could not translate host name", "has an unknown host", "Check the host name in `database:`."),
    ("failed to resolve host", "has an unknown host", "Check the host name in `database:`."),
    ("password authentication failed", "refuses the password", "Check user and password in `database:`."),
    ("not permitted to log in", "refuses this user", "Let this user log in, or name another in `database:`."),
    ("does not exist", "does not exist", "Create it, and let this user create tables in it."),
    (
        "permission denied",
        "may not be used by this user",
        "Grant this user the right to create and write tables.",
    ),
)


_IN_CHINESE = (
    Phrase("the database took longer than", "数据库用时超过"),
    Phrase("the database cannot keep up", "数据库跟不上写入"),
    Phrase("the database has revision ", "数据库的版本为 "),
    Phrase(", which this program does not know", "，本程序不认识"),
    Phrase("the database did not take every row", "数据库未接受全部记录"),
    Phrase("the database ", "数据库 "),
    Phrase("is a folder", "是目录"),
    Phrase("no database can be reached by ", "无法据此连接数据库："),
    Phrase(
        "months of readings have moved to Parquet files, and pyarrow is not installed",
        "往月读数已转存为 Parquet 文件，但未安装 pyarrow",
    ),
    Phrase("Install the version that wrote it, or a later one.", "请安装写入该数据库的版本，或更新的版本。"),
    Phrase(
        "Write a file path, sqlite:///path or postgresql+psycopg://user@host/name.",
        "请写文件路径、sqlite:///路径，或 postgresql+psycopg://用户@主机/库名。",
    ),
    Phrase("the store is closed", "数据库已关闭"),
    Phrase("is read-only", "只读"),
    Phrase("is locked by another program", "被其他程序锁定"),
    Phrase("cannot grow: the disk is full", "无法增长：磁盘已满"),
    Phrase("cannot be opened", "无法打开"),
    Phrase("cannot be read or written: disk error", "无法读写：磁盘错误"),
    Phrase("is not an SQLite database", "不是 SQLite 数据库"),
    Phrase("is damaged", "已损坏"),
    Phrase("Put the newest copy of it in its place.", "请用最新的备份文件放回原处。"),
    Phrase("is missing: this month's readings are in it", "缺失：该月读数存于其中"),
    Phrase(
        "months of readings have moved to Parquet files, and pyarrow is not installed",
        "往月读数已转存为 Parquet 文件，但未安装 pyarrow",
    ),
    Phrase("is not what was written", "与写入内容不符"),
    Phrase("cannot be read", "无法读取"),
    Phrase("Check the disk.", "请检查磁盘。"),
    Phrase("there is no folder for months of readings", "没有存放往月读数的文件夹"),
    Phrase("does not answer", "无应答"),
    Phrase("has an unknown host", "主机名未知"),
    Phrase("refuses the password", "拒绝该密码"),
    Phrase("refuses this user", "拒绝该用户"),
    Phrase(
        "Let this user log in, or name another in `database:`.",
        "请允许该用户登录，或在 database: 中另指定用户。",
    ),
    Phrase("does not exist", "不存在"),
    Phrase("may not be used by this user", "本用户无权使用"),
    Phrase(" fails: ", " 出错："),
    Phrase("Does its folder exist, and may this user write there?", "其文件夹是否存在，本用户能否写入？"),
    Phrase(
        "Give this user write permission on the file and on its folder.",
        "请授予本用户对该文件及其文件夹的写权限。",
    ),
    Phrase("Stop the other daemon or the tool that holds it open.", "请停止占用它的另一守护进程或工具。"),
    Phrase("Free some space; nothing is written until then.", "请腾出空间；在此之前不写入任何控制器。"),
    Phrase("Check the disk, then restore the file.", "请检查磁盘，然后恢复该文件。"),
    Phrase(
        "Move the file away, or name another one under `database:`.",
        "请移走该文件，或在 database: 下另指定一个。",
    ),
    Phrase(
        "Put the newest copy from the state folder's `backups` in its place.",
        "请用状态文件夹 backups 中最新的副本替换。",
    ),
    Phrase(
        "Is PostgreSQL running, and is the address in `database:` right?",
        "PostgreSQL 是否在运行，database: 中的地址是否正确？",
    ),
    Phrase("Check the host name in `database:`.", "请检查 database: 中的主机名。"),
    Phrase("Check user and password in `database:`.", "请检查 database: 中的用户名与密码。"),
    Phrase("Create it, and let this user create tables in it.", "请创建该数据库，并允许本用户在其中建表。"),
    Phrase("Grant this user the right to create and write tables.", "请授予本用户建表与写表的权限。"),
    Phrase("Is its disk slow, or held by another program?", "磁盘是否过慢，或被其他程序占用？"),
    Phrase("Is its disk slow or failing?", "磁盘是否过慢或有故障？"),
)
"""What is said of a store, as it is said in Chinese."""


def explain(error: Exception, url: sa.URL) -> StoreProblem:
    """A driver's error as a StoreProblem that names the database (never its password) and the remedy."""
    from sqlalchemy.exc import DBAPIError  # not for whoever only names a StoreProblem

    name = masked(_place(url))
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    if url.get_backend_name() == "sqlite" and Path(_place(url)).is_dir():
        return StoreProblem(f"the database {name} is a folder", f"Move it away. {BESIDE.en}", BESIDE.zh)
    said = "disk is full" if "disk i/o error" in text.lower() and _full(url) else text.lower()
    for needle, what, hint in _HINTS:
        if needle in said:
            if what in _LOST:
                return StoreProblem(f"the database {name} {what}", f"{hint} {BESIDE.en}", BESIDE.zh)
            return StoreProblem(
                f"the database {name} {what}", hint, busy=what.startswith("is locked"), away=what in _AWAY
            )
    for secret in _secrets(url):  # before a line is taken: a secret may have some
        text = text.replace(secret, HIDDEN)
    first = text.strip().splitlines()[0] if text.strip() else type(error).__name__
    return StoreProblem(f"the database {name} fails: {covered(first)}")


ROOM = 64 * 2**10
"""Octets without which SQLite cannot even open a store: its shared memory takes half of them, and a full disk is an I/O error then."""


def _full(url: sa.URL) -> bool:
    """Whether the disk of a store is full: nothing is wrong with the store then, and none is to be begun beside it."""
    try:
        room = os.statvfs(Path(_place(url)).parent)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < ROOM


def _place(url: sa.URL) -> str:
    """The file, or the address."""
    return (
        str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=False)
    )


def _secrets(url: sa.URL) -> list[str]:
    """What must not be repeated out of a driver's own words, as it is and as addresses write it; the longest first."""
    asked = [value for name in url.query for value in url.normalized_query[name]]
    plain = {str(secret) for secret in (url.password, *asked) if secret}
    written = {form(secret) for secret in plain for form in (quote, quote_plus, repr)}
    whole = {url.render_as_string(hide_password=False)}
    return sorted(plain | written | whole, key=len, reverse=True)


def make_url(url: str) -> sa.URL:
    """Parse a database URL, or take a bare path as an SQLite file. Raises StoreProblem."""
    import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError

    text = url if "://" in url else f"sqlite:///{url}"
    try:
        parsed = sa.make_url(text)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        parsed.get_dialect()
    except (SQLAlchemyError, ValueError) as error:
        raise StoreProblem(
            f"no database can be reached by {masked(url)!r}",
            "Write a file path, sqlite:///path or postgresql+psycopg://user@host/name.",
        ) from (None if isinstance(error, ValueError) else error)
    return parsed
