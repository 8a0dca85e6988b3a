"""`report --all`: every gateway of a district's PostgreSQL, each by the site file that it took up last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from config.phrase import Lang, Phrase
from config.site import Site
from supervisor.cli.accounting import terms_of
from supervisor.cli.common import misused, plain_errors

if TYPE_CHECKING:
    from supervisor.ledger.periods import Period
    from supervisor.ledger.terms import Terms
    from supervisor.telling.reports.district import Member, Unread

Bar = Callable[[int], AbstractContextManager[Callable[[], None]]]


def district(site: Site, of: Period, now: float, lang: Lang, bar: Bar) -> Mapping[str, bytes]:
    """The district's files by name."""
    import sqlalchemy as sa

    from supervisor.savings.targets import ratio
    from supervisor.store import gateways
    from supervisor.store.problems import explain, make_url
    from supervisor.telling.reports import district as told
    from supervisor.telling.reports import making
    from supervisor.telling.reports.facts import reference

    if site.database is None or not site.database.startswith("postgresql"):
        misused(Phrase("--all: the site file names no PostgreSQL", "--all：站点文件未指定 PostgreSQL 数据库"), Phrase("database: postgresql://… in the site file, where all gateways write", "在站点文件中写 database: postgresql://…，各网关均写入该库"))  # fmt: skip
    terms, against = terms_of(site), reference(site, of)
    target = ratio(site.targets.a_year, int(of.name[:4]) - against)
    members: list[Member] = []
    unread: list[Unread] = []
    with plain_errors():
        url, _ = gateways.split(make_url(site.database))
        engine = sa.create_engine(url, connect_args=gateways.patience(url))
        try:
            with engine.connect() as connection:
                schemas = gateways.there(connection)
            with bar(len(schemas) + 3) as done:
                for schema in schemas:
                    found = _member(url, schema, site, of, now, terms, target, against)
                    members += [found] if isinstance(found, told.Member) else []
                    unread += [found] if isinstance(found, told.Unread) else []
                    done()
                whole = told.document(members, unread, of, now, site, target, lang)
                return making.rendered(whole, "district", of.name, done)
        except sa.exc.SQLAlchemyError as error:
            raise explain(error, url) from error
        finally:
            engine.dispose()


def _member(
    url: Any, schema: str, own: Site, of: Period, now: float, terms: Terms, target: float, against: int
) -> Member | Unread:  # fmt: skip
    """One gateway's building, or why nothing can be told of it."""
    import sqlalchemy as sa

    from config.load import load_text
    from supervisor.store import gateways, queries
    from supervisor.telling.reports import district as told

    engine = sa.create_engine(url, connect_args=gateways.patience(url), poolclass=sa.NullPool)
    gateways.enter(engine, schema)
    try:
        with engine.connect() as connection:
            kept = queries.latest_config(connection)
            if kept is None:
                return told.Unread(
                    schema, Phrase("its gateway has not taken up a site file yet", "网关尚未载入站点文件")
                )
            site = load_text(kept, own.source).site
            if site is None:
                return told.Unread(
                    schema,
                    Phrase("its site file cannot be read by this version", "其站点文件无法由本版本读取"),
                )
            return told.member(connection, schema, site, of, now, terms.table, target, against)
    except sa.exc.SQLAlchemyError:
        return told.Unread(
            schema,
            Phrase(
                "its tables are of another version: start its gateway with this one",
                "其数据表版本不同，请先用本版本启动该网关",
            ),
        )
    finally:
        engine.dispose()
